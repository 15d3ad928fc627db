"""A process ends when it should, with the exit code that fits."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import pytest

from servicekit import runtime
from servicekit.runtime import Every, run_components, service_main
from servicekit.settings import ServiceSettings


class Waits:
    """A component that runs until stopped."""

    stopped = False

    async def run(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.stopped = True


class Breaks:
    async def run(self, stop: asyncio.Event) -> None:
        raise ZeroDivisionError


class Ends:
    async def run(self, stop: asyncio.Event) -> None:
        return


async def test_a_failing_component_stops_the_others_and_is_the_reason():
    other = Waits()
    with pytest.raises(ZeroDivisionError):
        await run_components([other, Breaks()])
    assert other.stopped


class LosesItsTask:
    """Waits for another task that somebody cancels."""

    async def run(self, stop: asyncio.Event) -> None:
        other = asyncio.create_task(stop.wait())
        other.cancel()
        await other


@pytest.mark.parametrize(
    ("component", "said"),
    [(Ends(), "Ends ended by itself"), (LosesItsTask(), "LosesItsTask was cancelled from within")],
)
async def test_a_component_that_ends_by_itself_ends_the_process_as_a_failure(component, said):
    with pytest.raises(RuntimeError, match=said):
        await run_components([Waits(), component])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_everything_cleanly(number):
    component = Waits()
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
    await run_components([component])
    assert component.stopped


async def test_a_job_that_fails_is_run_again():
    runs: list[int] = []
    stop = asyncio.Event()

    async def job() -> None:
        runs.append(1)
        if len(runs) < 2:
            raise ZeroDivisionError
        stop.set()

    await asyncio.wait_for(Every(0.01, job, "sample", after_failure=0.01).run(stop), 5)
    assert len(runs) == 2


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("audit", "'audit' is neither roles (api, worker) nor a one-shot"),
        ("verify", "'verify' is neither roles"),
        ("audit verify api", "'audit verify api' is neither"),
        ("api migrate", "which runs alone (migrate, replay, audit verify, tidy)"),
        ("pigeon", "'pigeon' is neither"),
        ("api --since 2026-01-01", "--since is for replay"),
        ("replay", "give --since"),
        ("--help", "one-shots: migrate, replay, audit verify, tidy"),
    ],
)
def test_the_command_line_says_what_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, said: str
) -> None:
    monkeypatch.setattr("sys.argv", ["sample", *command.split()])
    monkeypatch.setenv("COLUMNS", "200")
    settings: Callable[[], ServiceSettings] = lambda: pytest.fail("were read")  # noqa: E731
    jobs = {"tidy": AsyncMock()}
    with pytest.raises(SystemExit) as ended:
        service_main("sample", settings, lambda _: pytest.fail("was built"), Path(), jobs=jobs)
    assert ended.value.code == (0 if command == "--help" else 2)
    out, errors = capsys.readouterr()
    assert said in out + errors


@pytest.mark.parametrize(("environment", "forbidden"), [("production", True), ("local", False)])
def test_nobody_else_reads_the_memory_of_a_process_in_production(
    monkeypatch: pytest.MonkeyPatch, environment: str, forbidden: bool
) -> None:
    began: list[str] = []

    def run(processes: Coroutine[None, None, None]) -> None:
        processes.close()
        began.append("ran")

    monkeypatch.setattr("sys.argv", ["sample", "api"])
    monkeypatch.setattr(runtime, "forbid_dumps", lambda: began.append("forbidden"))
    monkeypatch.setattr(runtime, "uvloop", Mock(run=run))
    monkeypatch.setattr(runtime, "telemetry", Mock())
    settings = Mock(spec=ServiceSettings, environment=environment, telemetry=None)
    service_main("sample", lambda: settings, lambda _: pytest.fail("was built"), Path())
    assert began == (["forbidden", "ran"] if forbidden else ["ran"])
