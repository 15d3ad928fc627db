"""Copies of the memory of processes, as somebody with root rights on the host gets them."""

from collections.abc import Iterable
from pathlib import Path

import psutil

LARGEST = 512 * 2**20
"""Larger mappings are reserved address space, hardly any of it used."""


class NoAccessError(Exception):
    """The system does not let this user read the memory of its own processes."""


def everything_of(root: psutil.Process) -> list[bytes]:
    """The writable memory of a process and of all its descendants. Raises NoAccessError."""
    copies: list[bytes] = []
    for process in (root, *root.children(recursive=True)):
        copies += _copy(process.pid)
    return copies


def _copy(pid: int) -> Iterable[bytes]:
    folder = Path(f"/proc/{pid}")
    try:
        with (folder / "mem").open("rb", buffering=0) as memory:
            for line in (folder / "maps").read_text(encoding="utf-8").splitlines():
                where, rights, *_ = line.split()
                start, end = (int(edge, 16) for edge in where.split("-"))
                if rights.startswith("rw") and end - start <= LARGEST:
                    memory.seek(start)
                    try:
                        yield memory.read(end - start)
                    except OSError:  # a mapping of a device
                        continue
    except PermissionError as error:
        raise NoAccessError(f"the memory of process {pid} cannot be read: {error}") from error
    except FileNotFoundError:  # the process has ended
        return
