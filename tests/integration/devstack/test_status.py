"""What `status` shows is true: during a start, of what is frozen, of a service that cannot work."""

import asyncio
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from devstack import cli, client
from devstack.files import read_env, write_env
from devstack.lock import take_lock
from devstack.options import Layout, StackError
from devstack.state import StateFile


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    """The directory of a stack that runs: somebody has its lock."""
    layout = Layout(tmp_path)
    lock = take_lock(layout)
    assert lock is not None
    with lock:
        yield layout


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def shown(layout: Layout, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    assert cli.main(["--directory", str(layout.root), "status"]) == 0
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_a_start_is_shown_as_far_as_it_is(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    StateFile(layout.state, os.getpid()).announce(["kafka"])
    lines = shown(layout, capsys)
    assert " ".join(lines[0]) == "the stack is starting"
    assert lines[-1] == ["kafka", "waiting", "0"]


def test_a_failed_start_is_shown_with_its_reason(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    StateFile(layout.state, os.getpid()).phase("failed", "no room")
    assert " ".join(shown(layout, capsys)[0]) == "the stack is not up: no room"


def test_a_frozen_and_a_vanished_process_are_not_ready(
    layout: Layout, sleeper: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    file = StateFile(layout.state, os.getpid())
    file.phase("ready")
    file.change("postgres", "ready", sleeper.pid)
    file.change("kafka", "ready", 2**22 + 1)  # more than any process has
    assert shown(layout, capsys)[1][:2] == ["postgres", "ready"]
    sleeper.send_signal(signal.SIGSTOP)
    os.waitpid(sleeper.pid, os.WUNTRACED)
    assert [line[:2] for line in shown(layout, capsys)[1:]] == [
        ["postgres", "frozen"],
        ["kafka", "gone"],
    ]


def test_a_frozen_supervisor_is_said(
    layout: Layout, sleeper: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    StateFile(layout.state, sleeper.pid).phase("ready")
    sleeper.send_signal(signal.SIGSTOP)
    os.waitpid(sleeper.pid, os.WUNTRACED)
    assert "its supervisor" in " ".join(shown(layout, capsys)[0])


class Unready(BaseHTTPRequestHandler):
    """A service whose database does not answer."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        return None


def test_a_service_that_cannot_work_is_not_ready(
    layout: Layout, sleeper: subprocess.Popen[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Unready) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        file = StateFile(layout.state, os.getpid())
        file.phase("ready")
        url = f"http://127.0.0.1:{server.server_address[1]}"
        file.change("content-api", "ready", sleeper.pid, url=url)
        assert shown(layout, capsys)[1][:2] == ["content-api", "unready"]
        server.shutdown()


def test_addresses_of_a_killed_stack_are_removed_by_who_looks(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    StateFile(layout.state, 2**22 + 1).phase("ready")
    write_env(layout.env, {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, "valid while")
    with pytest.raises(StackError, match="no stack runs"):
        client.attach(tmp_path)
    assert not layout.env.exists()
    assert not layout.state.exists()


def test_addresses_say_how_long_they_are_valid(tmp_path: Path) -> None:
    write_env(tmp_path / "stack.env", {"A": "1"}, "valid while process 7 runs")
    assert (tmp_path / "stack.env").read_text().startswith("# valid while process 7 runs\n")
    assert read_env(tmp_path / "stack.env") == {"A": "1"}


@pytest.mark.parametrize("command", [["logs"], ["logs", "kafka", "-n", "100000"], ["status"]])
async def test_a_reader_that_stops_early_is_no_error(layout: Layout, command: list[str]) -> None:
    file = StateFile(layout.state, os.getpid())
    file.announce(f"process-{number}" for number in range(5_000))
    layout.logs.mkdir()
    layout.log("kafka").write_text("a line\n" * 100_000)
    for number in range(2_000):
        layout.log(f"a-very-long-name-of-a-process-{number:05}").touch()
    argv = [sys.executable, "-m", "devstack", "--directory", str(layout.root), *command]
    process = await asyncio.create_subprocess_shell(
        f"{{ {' '.join(argv)}; echo $? >&2; }} | head -n 1",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert errors.decode().split() == ["0"]
