"""Units and waves that do not go on."""

from servicekit.operation import Backlog
from servicekit.paging import PageRequest
from workflow_service.entrypoints.app import WorkflowTransaction


async def backlogs(uow: WorkflowTransaction) -> list[Backlog]:
    """Units whose step another service refuses, and waves whose planned start has passed."""
    _, stuck = await uow.rollouts.stuck(PageRequest(limit=1))
    now = await uow.now()
    late = [
        wave.planned_start
        for state in await uow.rollouts.going()
        for wave in state.later_waves
        if wave.status == "planned" and wave.planned_start and wave.planned_start <= now
    ]
    return [
        Backlog(kind="stuck_journeys", count=stuck),
        Backlog(kind="waiting_waves", count=len(late), oldest_at=min(late, default=None)),
    ]
