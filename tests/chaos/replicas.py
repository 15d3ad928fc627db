"""Further replicas beside the processes of a stack, started and ended by who tests."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from time import monotonic

from devstack import Stack, probes
from devstack.credentials import load_secrets
from devstack.options import ROLES, Layout
from devstack.processes import Process, ProcessSpec, kill_group, spawn
from devstack.service_env import PROCESSES, service_env
from generators.settings import settings_class
from support.balancer import Balancer
from support.eventually import eventually
from support.ports import free_port

APIS = {service: f"{service}-{roles[0]}" for service, roles in ROLES.items()}
_READY_SECONDS = 90.0
_GONE_SECONDS = 40.0


@dataclass(frozen=True)
class Replica:
    """A process of this checkout's code, beside the stack's own."""

    name: str
    port: int
    process: Process
    spec: ProcessSpec


class Replicas:
    """Starts and ends replicas; the APIs' are reached through a balancer each.

    `env`: the addresses of the servers; `more`: what every replica's environment has besides.
    """

    def __init__(self, stack: Stack, env: Mapping[str, str], more: Mapping[str, str]) -> None:
        self._layout, self._env, self._more = Layout(stack.directory), env, more
        self._stack, self._numbers = stack, count(2)
        self.balancers: dict[str, Balancer] = {}

    async def start(self, name: str) -> Replica:
        """Return once it is ready and takes its part of the requests.

        Raises RuntimeError with what it says if it ends instead.
        """
        service, role = name.split("-")
        port = free_port()
        secrets = load_secrets(self._layout)
        env = service_env(service, role, port, self._env, secrets, self._layout.data)
        argv = (sys.executable, "-m", f"{service}_service", role)
        spec = ProcessSpec(f"{name}-{next(self._numbers)}", argv, {**env, **self._more})
        log = self._layout.log(spec.name)
        replica = Replica(name, port, await spawn(spec, self._layout.root, log), spec)
        answers = probes.http(f"http://127.0.0.1:{port}/health/ready")

        async def ready() -> bool:
            if replica.process.returncode is not None:
                raise RuntimeError(log.read_text(encoding="utf-8"))
            return await answers()

        await eventually(ready, within=_READY_SECONDS)
        if name in self.balancers:
            self.balancers[name].targets.append(port)
        return replica

    async def end(self, replica: Replica) -> float:
        """SIGTERM; seconds until it was gone. Raises AssertionError unless it ended with 0."""
        begun = monotonic()
        replica.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_GONE_SECONDS):
            code = await replica.process.wait()
        taken = monotonic() - begun
        kill_group(replica.process.pid)
        if replica.name in self.balancers:
            self.balancers[replica.name].targets.remove(replica.port)
        assert code == 0, f"{replica.name} ended with {code}: {self._layout.log(replica.spec.name)}"
        return taken

    async def restart(self, name: str) -> float:
        """SIGTERM to the stack's own, which it starts again; seconds until it was gone."""
        begun = monotonic()
        pid = self._stack.kill(name, signal.SIGTERM)
        await eventually(lambda: asyncio.sleep(0, not _lives(pid)), within=_GONE_SECONDS)
        return monotonic() - begun


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def balanced(ports: Mapping[str, int]) -> dict[str, str]:
    """<SERVICE>_URL of each balancer; `ports`: process > the balancer's port."""
    return {
        f"{service.upper()}_URL": f"http://127.0.0.1:{ports[name]}"
        for service, name in APIS.items()
    }


def to_balancers(ports: Mapping[str, int]) -> dict[str, str]:
    """Settings by which the services reach each other, and who signs tokens, through balancers."""
    urls = balanced(ports)
    peers = {
        f"{service.upper()}_{peer.upper()}__URL": urls[f"{peer.upper()}_URL"]
        for service in APIS
        for peer in APIS.keys() & settings_class(service).model_fields.keys()
    }
    return peers | {f"{service.upper()}_AUTH__ISSUER": urls["PEOPLE_URL"] for service in APIS}


@asynccontextmanager
async def balancing(stack: Stack, ports: Mapping[str, int]) -> AsyncIterator[dict[str, Balancer]]:
    """A balancer in front of each API of the stack and of its portal."""
    async with AsyncExitStack() as exits:
        balancers = {}
        for service, name in APIS.items():
            balancer = await exits.enter_async_context(Balancer(ports[name]).serving())
            balancer.targets.append(int(stack.env[f"{service.upper()}_URL"].rpartition(":")[2]))
            balancers[name] = balancer
        yield balancers


def balancer_ports() -> dict[str, int]:
    return {name: free_port() for name in APIS.values()}


assert set(APIS.values()) <= set(PROCESSES)
