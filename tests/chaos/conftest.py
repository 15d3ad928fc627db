"""`make chaos` runs all kills and faults; `ARGS=--short` the short form for CI; `ARGS="-k outage"`
one kind; `ARGS="--seed N"` a seed; `ARGS="--replay FILE"` what a run's ledger says;
`ARGS=--alerts` faults against alerts instead.
"""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import devstack
from chaos.run import Disturb, MakeApi, Plan, RunShown, Verdict, kill, run
from chaos.run_ledger import FOLDER, Moves, Recorded, RunLedger, UnusableLedger, new_path, read
from demo.api import Api
from devstack import Stack

_REPLAYED = ("seed", "short", "outage_seconds")
_LEDGER = pytest.StashKey[RunLedger]()
_RECORDED = pytest.StashKey[Recorded]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--short", action="store_true", help="a small organisation, only kills")
    parser.addoption("--alerts", action="store_true", help="faults against alerts, and no kills")
    parser.addoption("--seed", type=int, help="order and moments of the kills; drawn if not given")
    parser.addoption("--outage-seconds", type=float, default=30.0, help="how long servers are away")
    parser.addoption("--replay", type=Path, metavar="FILE", help="do again what a ledger says")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: not part of --short")
    config.addinivalue_line("markers", "alerts: part of --alerts only")
    if (file := config.getoption("--replay", default=None)) is not None:
        try:
            recorded = config.stash[_RECORDED] = read(devstack.CHECKOUT / file)
        except UnusableLedger as error:
            raise pytest.UsageError(str(error)) from error
        for name in _REPLAYED:
            setattr(config.option, name, recorded.options[name])
    if config.getoption("--seed", default=None) is None:
        config.option.seed = secrets.randbelow(1_000_000)
    options = {name: config.getoption(name, default=None) for name in _REPLAYED}
    config.stash[_LEDGER] = RunLedger(new_path(config.option.seed), options)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _RECORDED in config.stash:
        order = config.stash[_RECORDED].tests
        config.hook.pytest_deselected(items=[i for i in items if i.nodeid not in order])
        chosen = [item for item in items if item.nodeid in order]
        items[:] = sorted(chosen, key=lambda item: order.index(item.nodeid))
    alerts = config.getoption("--alerts", default=False)
    for item in items:
        if bool(item.get_closest_marker("alerts")) != alerts:
            item.add_marker(pytest.mark.skip(reason="only with, or not part of, --alerts"))
    for item in items:  # the longest test has a dozen outages, and what follows them
        limit = item.get_closest_marker("timeout")
        if limit:
            longer = limit.args[0] + 12 * config.getoption("--outage-seconds", default=0)
            item.add_marker(pytest.mark.timeout(longer), append=False)
    if config.getoption("--short", default=False):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="not part of --short"))


def pytest_report_header(config: pytest.Config) -> list[str]:
    seed = config.option.seed
    return [f"chaos: seed {seed}, again with ARGS='--seed {seed}'"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report: pytest.TestReport = yield
    if report.when == "call" or (report.failed and report.when == "setup"):
        item.config.stash[_LEDGER].write(
            test=item.nodeid, outcome=report.outcome, seconds=round(report.duration, 1)
        )
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    path = config.stash[_LEDGER].path
    if path.exists():
        terminalreporter.write_line(f"ledger: {path}, again with ARGS='--replay {path}'")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    value: int = request.config.option.seed
    return value


@pytest.fixture
def short(request: pytest.FixtureRequest) -> bool:
    value: bool = request.config.getoption("--short", default=False)
    return value


@pytest.fixture
def outage_seconds(request: pytest.FixtureRequest) -> float:
    value: float = request.config.option.outage_seconds
    return value


@pytest.fixture
def moves(request: pytest.FixtureRequest, seed: int) -> Moves:
    """Of this test: as its seed says, or as a ledger does."""
    config, test = request.config, request.node.nodeid
    recorded = config.stash[_RECORDED].kills[test] if _RECORDED in config.stash else None
    return Moves(seed, test, config.stash[_LEDGER], recorded)


@pytest.fixture
def run_shown(
    request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str], moves: Moves
) -> RunShown:
    """A run takes minutes: let people see how far it is.

    Its files are below .stack, so that what a red run leaves can be looked at.
    """
    directory = FOLDER / str(request.node.name)

    async def run_it(
        plan: Plan,
        disturb: Disturb = kill,
        make_api: MakeApi = Api,
        prepare: Callable[[Stack], Awaitable[None]] | None = None,
    ) -> Verdict:
        with capfd.disabled():
            return await run(plan, directory, moves, disturb, make_api, prepare)

    return run_it
