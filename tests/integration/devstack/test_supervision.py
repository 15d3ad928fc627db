"""Supervision on real processes: restart, hold, a clear failure, and nothing left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from devstack.keeper import Keeper
from devstack.options import SERVICES, Layout, StackError, StackOptions
from devstack.plan import PORT_NAMES, Plan, Report
from devstack.processes import MARKER, ProcessSpec, sweep
from devstack.servers import Server
from devstack.state import StateFile, read_state
from devstack.supervisor import Supervisor
from support.eventually import eventually

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


async def at_once() -> bool:
    return True


async def never() -> bool:
    return False


@pytest.fixture
async def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture
async def keeper(layout: Layout) -> AsyncIterator[Keeper]:
    keeper = Keeper(layout, StateFile(layout.state, os.getpid()))
    yield keeper
    await keeper.stop(["sleeper"])


def sleeper(layout: Layout) -> tuple[str, int | None, int]:
    state = read_state(layout.state)
    assert state is not None
    status = state.processes["sleeper"]
    return status.state, status.pid, status.restarts


async def test_a_killed_process_comes_back(layout: Layout, keeper: Keeper) -> None:
    await keeper.start(ProcessSpec("sleeper", SLEEP, probe=at_once))
    _, pid, _ = sleeper(layout)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    async def back() -> bool:
        state, successor, restarts = sleeper(layout)
        return (state, restarts) == ("ready", 1) and successor != pid

    await eventually(back)


async def test_settings_of_ones_own_are_read_at_each_start(layout: Layout, keeper: Keeper) -> None:
    code = "import os, time; print(os.environ['SAMPLE'], flush=True); time.sleep(60)"
    spec = ProcessSpec("sleeper", (sys.executable, "-c", code), {"SAMPLE": "first"}, at_once)

    async def said(text: str) -> bool:
        return layout.log("sleeper").read_text() == text

    await keeper.start(spec)
    await eventually(lambda: said("first\n"))
    layout.settings.write_text("SAMPLE=second\n")
    os.kill(sleeper(layout)[1] or 0, signal.SIGKILL)
    await eventually(lambda: said("first\nsecond\n"))


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        psutil.TimeoutExpired(1),
        psutil.AccessDenied(1),
        subprocess.TimeoutExpired("initdb", 1),
        StackError("was not ready"),
    ],
    ids=repr,
)
async def test_a_restart_that_fails_is_said_and_tried_again(
    layout: Layout, keeper: Keeper, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    preparations = iter([None, error, error])

    def prepare() -> None:
        if (failure := next(preparations, None)) is not None:
            raise failure

    await keeper.start(ProcessSpec("sleeper", SLEEP, probe=at_once, before=prepare))
    os.kill(sleeper(layout)[1] or 0, signal.SIGKILL)

    async def back() -> bool:
        state, _, restarts = sleeper(layout)
        return (state, restarts) == ("ready", 3)

    await eventually(back)
    said = [line.partition("UTC: ")[2] for line in capsys.readouterr().out.splitlines()]
    why = "ended" if isinstance(error, StackError) else f"failed ({error!r})"
    assert said == [
        "sleeper ended and is started again",
        *[f"sleeper {why} and is started again"] * 2,
    ]


async def test_a_full_disk_ends_no_supervision(
    layout: Layout, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeper.start(ProcessSpec("sleeper", SLEEP, probe=at_once))

    failures = 0

    def full(file: StateFile) -> None:
        nonlocal failures
        failures += 1
        raise OSError(28, "No space left on device")

    async def failed_thrice() -> bool:
        return failures >= 3

    with monkeypatch.context() as patch:
        patch.setattr(StateFile, "write", full)
        os.kill(sleeper(layout)[1] or 0, signal.SIGKILL)
        await eventually(failed_thrice)

    async def back() -> bool:
        state, _, restarts = sleeper(layout)
        return state == "ready" and restarts > 0

    await eventually(back)


async def test_a_held_process_stays_stopped_until_it_is_let_go(
    layout: Layout, keeper: Keeper
) -> None:
    await keeper.start(ProcessSpec("sleeper", SLEEP, probe=at_once))
    layout.hold.mkdir()
    (layout.hold / "sleeper").touch()

    async def is_stopped() -> bool:
        return sleeper(layout)[0] == "stopped"

    async def is_ready() -> bool:
        return sleeper(layout)[0] == "ready"

    await eventually(is_stopped)
    (layout.hold / "sleeper").unlink()
    await eventually(is_ready)
    assert sleeper(layout)[2] == 0


async def test_nothing_is_said_of_a_start_that_does_not_happen(
    layout: Layout, keeper: Keeper, capsys: pytest.CaptureFixture[str]
) -> None:
    await keeper.start(ProcessSpec("sleeper", SLEEP, probe=at_once))
    layout.hold.mkdir()
    (layout.hold / "sleeper").touch()
    os.kill(sleeper(layout)[1] or 0, signal.SIGKILL)

    async def is_stopped() -> bool:
        return sleeper(layout)[0] == "stopped"

    await eventually(is_stopped)
    assert sleeper(layout)[2] == 0
    await keeper.stop(["sleeper"])
    assert capsys.readouterr().out == ""


async def test_a_start_that_fails_shows_the_end_of_its_log(keeper: Keeper) -> None:
    code = "print('the port is taken'); raise SystemExit(4)"
    spec = ProcessSpec("sleeper", (sys.executable, "-c", code), probe=never)
    with pytest.raises(StackError, match=r"(?s)exited with 4.*the port is taken"):
        await keeper.start(spec)


async def test_a_start_that_takes_too_long_is_ended(keeper: Keeper, layout: Layout) -> None:
    with pytest.raises(StackError, match="was not ready after 0 s"):
        await keeper.start(ProcessSpec("sleeper", SLEEP, probe=never, deadline=0.2))
    pid = sleeper(layout)[1]
    assert pid is None or not psutil.pid_exists(pid)


async def test_a_one_shot_must_succeed(keeper: Keeper) -> None:
    await keeper.run_once(ProcessSpec("job", (sys.executable, "-c", "pass")))
    with pytest.raises(StackError, match="job exited with 1"):
        await keeper.run_once(ProcessSpec("job", (sys.executable, "-c", "raise SystemExit(1)")))


async def test_what_a_preparation_raises_is_raised_by_the_start(keeper: Keeper) -> None:
    def broken() -> None:
        raise ValueError("no template")

    with pytest.raises(ValueError, match="no template"):
        await keeper.start(ProcessSpec("sleeper", SLEEP, probe=at_once, before=broken))


async def test_children_die_with_their_supervisor(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from devstack.processes import ProcessSpec, spawn\n"
        "async def main(d):\n"
        "    child = await spawn(ProcessSpec('x', (sys.executable, '-c',"
        " 'import time; time.sleep(60)')), d, d / 'log')\n"
        "    print(child.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main(Path(sys.argv[1])))\n"
    )
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(tmp_path), stdout=subprocess.PIPE
    )
    assert supervisor.stdout is not None
    child = int(await supervisor.stdout.readline())
    supervisor.kill()
    await supervisor.wait()

    async def gone() -> bool:
        return not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie"

    await eventually(gone)


def test_leftovers_are_swept_and_only_they(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    processes = {
        directory: subprocess.Popen(SLEEP, env={**os.environ, MARKER: str(directory)})
        for directory in (mine, other)
    }
    try:
        assert sweep(mine) == [processes[mine].pid]
        assert not psutil.pid_exists(processes[mine].pid)
        assert processes[other].poll() is None
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


class SlowKafka(Plan):
    """Sleeping processes; Kafka's archives take their time, as on a first start."""

    def server(self, name: str, report: Report) -> Server:
        if name == "kafka":
            time.sleep(1)  # in a helper thread
        return Server(name, {name: "address"}, ProcessSpec(name, SLEEP, probe=at_once))

    def migration(self, service: str, servers: dict[str, str]) -> ProcessSpec:
        addresses = {name: servers[name] for name in self.server_names}
        return ProcessSpec(f"{service}-migrate", (sys.executable, "-c", ""), addresses)

    def topics(self, servers: dict[str, str]) -> ProcessSpec:
        return ProcessSpec("topics", (sys.executable, "-c", ""), {"kafka": servers["kafka"]})

    def services(self, servers: dict[str, str]) -> list[ProcessSpec]:
        return []


async def test_migrations_wait_for_the_addresses_of_slow_servers(layout: Layout) -> None:
    plan = SlowKafka(layout, StackOptions(layout.root), dict.fromkeys(PORT_NAMES, 1), {}, False)
    running = asyncio.create_task(Supervisor(plan, StateFile(layout.state, os.getpid())).run())

    async def is_ready() -> bool:
        if running.done():
            running.result()
        state = read_state(layout.state)
        return state is not None and state.phase == "ready"

    try:
        await eventually(is_ready)
        state = read_state(layout.state)
        assert state
        assert {state.processes[f"{service}-migrate"].state for service in SERVICES} == {"done"}
    finally:
        running.cancel()
        await asyncio.wait([running])
