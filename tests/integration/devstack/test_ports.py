"""Ports: chosen free, kept between runs, and refused with a sentence when they cannot be had."""

import fcntl
import random
import socket
from pathlib import Path

import pytest

from devstack.options import StackError
from devstack.ports import HIGHEST, LOWEST, choose_ports
from support.ports import free_port

NAMES = ("kafka", "assessment-api")


def test_ports_are_free_distinct_and_kept(tmp_path: Path) -> None:
    first = choose_ports(NAMES, tmp_path / "ports.json")
    assert len(set(first.values())) == 2
    assert all(LOWEST <= port < HIGHEST for port in first.values())
    assert choose_ports(NAMES, tmp_path / "ports.json") == first


def test_a_remembered_port_that_is_taken_is_replaced(tmp_path: Path) -> None:
    moved: list[str] = []
    first = choose_ports(NAMES, tmp_path / "ports.json", moved.append)
    assert not moved
    with socket.create_server(("127.0.0.1", first["kafka"])):
        second = choose_ports(NAMES, tmp_path / "ports.json", moved.append)
    assert moved == [f"port {first['kafka']} of kafka was taken: it is {second['kafka']} now"]
    assert second["kafka"] != first["kafka"]
    assert second["assessment-api"] == first["assessment-api"]


def test_a_port_that_another_stack_has_chosen_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although nothing listens there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    chosen, free = free_port(), free_port()
    drawn = iter([chosen, free])
    monkeypatch.setattr(random, "randrange", lambda *_: next(drawn))
    folder = tmp_path / "um-platform" / "ports"
    folder.mkdir(parents=True)
    with (folder / str(chosen)).open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert choose_ports(["kafka"], tmp_path / "ports.json") == {"kafka": free}


def test_the_environment_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = choose_ports(["x"], tmp_path / "other.json")["x"]
    monkeypatch.setenv("UM_PORT_ASSESSMENT_API", str(wanted))
    assert choose_ports(NAMES, tmp_path / "ports.json")["assessment-api"] == wanted
    with socket.create_server(("127.0.0.1", wanted)), pytest.raises(StackError, match="is taken"):
        choose_ports(NAMES, tmp_path / "ports.json")


@pytest.mark.parametrize("wrong", ["", "0", "65536", "-1", "http"])
def test_what_is_no_port_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("UM_PORT_KAFKA", wrong)
    with pytest.raises(StackError, match=r"UM_PORT_KAFKA=.* is not a port number"):
        choose_ports(NAMES, tmp_path / "ports.json")
