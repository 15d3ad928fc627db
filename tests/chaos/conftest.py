"""`make chaos` runs everything; `ARGS=--short` the short form for CI; `ARGS="--seed N"` a seed."""

import secrets

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--short", action="store_true", help="a small organisation, no seeded defects")
    parser.addoption("--seed", type=int, help="order and moments of the kills; drawn if not given")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "seeded: must turn red; not part of --short")
    if config.getoption("--seed", default=None) is None:
        config.option.seed = secrets.randbelow(1_000_000)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--short", default=False):
        for item in items:
            if item.get_closest_marker("seeded"):
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
