"""What is true of a stack at this moment, for people who ask: its supervisor may not know yet.

A frozen process, and a service that cannot do its work, are `ready` in the supervisor's file.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

import psutil

from devstack import probes
from devstack.service_env import PROCESSES
from devstack.state import ProcessStatus, StackState


async def checked(state: StackState) -> StackState:
    """The state, corrected by looking at every process and asking every service."""
    found = await asyncio.gather(*(_checked(status) for status in state.processes.values()))
    return replace(state, processes={status.name: status for status in found})


async def _checked(status: ProcessStatus) -> ProcessStatus:
    if status.pid is None:
        return status
    if not psutil.pid_exists(status.pid):
        return replace(status, state="gone")
    if is_frozen(status.pid):
        return replace(status, state="frozen")
    if status.state != "ready" or status.name not in PROCESSES:
        return status
    able = await probes.http(f"{status.url}/health/ready")()
    return status if able else replace(status, state="unready")


def is_frozen(pid: int) -> bool:
    """Whether the process has been stopped by a signal."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_STOPPED
    return False
