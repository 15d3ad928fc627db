"""Periodic jobs of the worker."""

from collections.abc import Callable

from prometheus_client import Gauge

from servicekit.paging import PageRequest
from workflow_service.entrypoints.app import WorkflowTransaction

STUCK_JOURNEYS = Gauge(
    "workflow_stuck_journeys", "Units that wait because another service refuses their step"
)


async def count_stuck(uow: Callable[[], WorkflowTransaction]) -> None:
    """Measure how many units cannot go on."""
    async with uow() as transaction:
        _, total = await transaction.rollouts.stuck(PageRequest(limit=1))
    STUCK_JOURNEYS.set(total)
