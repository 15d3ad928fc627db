"""Unit tests reach for no server: what needs one belongs in tests/integration."""

import socket
from collections.abc import Iterator
from typing import NoReturn

import pytest


@pytest.fixture(autouse=True, scope="module")
def no_sockets() -> Iterator[None]:
    def refuse(connecting: socket.socket, address: object) -> NoReturn:
        raise AssertionError(f"a unit test connects to {address!r}")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "bind"):
            patch.setattr(socket.socket, name, refuse)
        yield
