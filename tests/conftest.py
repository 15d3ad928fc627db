"""Makes the real servers known to every test, and orders the tests."""

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from prometheus_client import Gauge

from servicekit import metrics

# A busy machine is no reason for a test to fail, and a failure must be the same the next time.
settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

TESTS = Path(__file__).parent

ORDER = ("unit", "contract", "integration", "bench", "e2e", "chaos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first; last those that need the services' own processes.

    Once these run, a test cannot take their place in a consumer group any more.
    """

    def place(item: pytest.Item) -> tuple[bool, int]:
        folder = Path(item.path).relative_to(TESTS).parts[0]
        return "stack" in getattr(item, "fixturenames", ()), ORDER.index(folder)

    items.sort(key=place)


# What is imported lives as long as the run: the garbage collector need not look at it.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _nothing_measured_yet() -> None:
    """What a process cannot do is read from its gauges: those of another test's services go."""
    for metric in vars(metrics).values():
        if isinstance(metric, Gauge) and metric._labelnames:
            metric.clear()


pytest_plugins = ["support.stack", "support.databases", "support.browser"]
