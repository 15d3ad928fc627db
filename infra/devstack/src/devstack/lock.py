"""The lock on a stack's directory: who holds it, runs the stack there."""

import fcntl
from pathlib import Path
from typing import IO

from devstack.options import Layout

HELD_SERVICES = "services"  # the hold file that puts off all services


def take_lock(layout: Layout) -> IO[str] | None:
    """The directory's lock, or None while another supervisor has it."""
    layout.root.mkdir(parents=True, exist_ok=True)
    handle = layout.lock.open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def is_running(directory: Path) -> bool:
    """Whether a supervisor holds the directory's lock."""
    if not directory.exists():
        return False
    lock = take_lock(Layout(directory))
    if lock is not None:
        lock.close()
    return lock is None
