"""`make chaos` runs all kills; `ARGS=--short` the short form for CI; `ARGS="--seed N"` a seed;
`ARGS=--alerts` faults against alerts instead.
"""

import secrets
from collections.abc import Awaitable, Callable

import pytest

import devstack
from chaos.run import Plan, Verdict, run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--short", action="store_true", help="a small organisation, only kills")
    parser.addoption("--alerts", action="store_true", help="faults against alerts, and no kills")
    parser.addoption("--seed", type=int, help="order and moments of the kills; drawn if not given")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: not part of --short")
    config.addinivalue_line("markers", "alerts: part of --alerts only")
    if config.getoption("--seed", default=None) is None:
        config.option.seed = secrets.randbelow(1_000_000)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    alerts = config.getoption("--alerts", default=False)
    for item in items:
        if bool(item.get_closest_marker("alerts")) != alerts:
            item.add_marker(pytest.mark.skip(reason="only with, or not part of, --alerts"))
    if config.getoption("--short", default=False):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="not part of --short"))


def pytest_report_header(config: pytest.Config) -> str:
    return f"chaos: seed {config.option.seed}, replay with ARGS='--seed {config.option.seed}'"


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    value: int = request.config.option.seed
    return value


@pytest.fixture
def short(request: pytest.FixtureRequest) -> bool:
    value: bool = request.config.getoption("--short", default=False)
    return value


@pytest.fixture
def run_shown(
    request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]
) -> Callable[[Plan], Awaitable[Verdict]]:
    """A run takes minutes: let people see how far it is.

    Its files are below .stack, so that what a red run leaves can be looked at.
    """
    directory = devstack.CHECKOUT / ".stack" / "chaos" / str(request.node.name)

    async def run_it(plan: Plan) -> Verdict:
        with capfd.disabled():
            return await run(plan, directory)

    return run_it
