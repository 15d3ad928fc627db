"""Unit tests reach for no server: what needs one belongs in tests/integration."""

import socket
from typing import NoReturn

import pytest


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(connecting: socket.socket, address: object) -> NoReturn:
        raise AssertionError(f"a unit test connects to {address!r}")

    for name in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
