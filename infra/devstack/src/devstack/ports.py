"""Choose the stack's ports: from the environment, else those of the last run, else free ones.

Ports lie below the ephemeral range, so that no outgoing connection can take (or connect to
itself on) the port of a server that is being restarted. A process that has chosen a port keeps a
lock on it for as long as it lives: a stack's services may start much later.
"""

import fcntl
import json
import os
import random
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from devstack.artifacts import cache_root
from devstack.files import read_json, write_atomically
from devstack.options import StackError

LOWEST, HIGHEST = 20_000, 32_000
_RESERVED: dict[int, IO[str]] = {}
"""Port > the file whose lock keeps other processes of this user from choosing it."""


def environment_name(name: str) -> str:
    """`assessment-api` is set by UM_PORT_ASSESSMENT_API."""
    return "UM_PORT_" + name.upper().replace("-", "_")


def choose_ports(
    names: Iterable[str], remembered: Path, moved: Callable[[str], None] = print
) -> dict[str, int]:
    """Return a free loopback port for each name and remember them in the file `remembered`.

    `moved` gets a sentence for each port that somebody else has taken meanwhile. Raises
    StackError when a port that the environment asks for is taken or no number.
    """
    last = read_json(remembered)
    chosen: dict[str, int] = {}
    held: list[socket.socket] = []  # kept open so that no port is chosen twice
    try:
        for name in names:
            chosen[name] = _choose(name, last.get(name), held)
            if chosen[name] != last.get(name, chosen[name]):
                moved(f"port {last[name]} of {name} was taken: it is {chosen[name]} now")
    finally:
        for taken in held:
            taken.close()
    write_atomically(remembered, json.dumps({**last, **chosen}, indent=1))
    return chosen


def _choose(name: str, last: int | None, held: list[socket.socket]) -> int:
    wanted = os.environ.get(environment_name(name))
    if wanted is not None:
        if not wanted.isdecimal() or not 0 < int(wanted) < 65_536:
            raise StackError(f"{environment_name(name)}={wanted} is not a port number (1-65535)")
        if not _take(int(wanted), held):
            raise StackError(
                f"port {wanted} ({environment_name(name)}) is taken: free it or choose another one"
            )
        return int(wanted)
    if last is not None and _take(last, held):
        return last
    for _ in range(1_000):
        port = random.randrange(LOWEST, HIGHEST)  # noqa: S311
        if port not in _RESERVED and _take(port, held):
            return port
    raise StackError(f"no free port between {LOWEST} and {HIGHEST} on 127.0.0.1")


def _take(port: int, held: list[socket.socket]) -> bool:
    if port not in _RESERVED and not _reserve(port):
        return False
    if _hold(port, held):
        return True
    _RESERVED.pop(port).close()
    return False


def _reserve(port: int) -> bool:
    folder = cache_root() / "ports"
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / str(port)).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _RESERVED[port] = file
    return True


def _hold(port: int, held: list[socket.socket]) -> bool:
    candidate = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT is not "taken"
    try:
        candidate.bind(("127.0.0.1", port))
        candidate.listen(1)
    except OSError:
        candidate.close()
        return False
    held.append(candidate)
    return True
