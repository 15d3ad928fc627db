"""Periodic jobs of the worker."""

import logging
from collections.abc import Callable

from workflow_service.application.ports import Engine
from workflow_service.application.rollout.unit_changes import apply_unit_change
from workflow_service.domain.calendar import civil_date
from workflow_service.entrypoints.app import WorkflowTransaction

log = logging.getLogger(__name__)


async def apply_due_changes(uow: Callable[[], WorkflowTransaction], engine: Engine) -> None:
    """Apply the changes of the organisation whose day has come, each in a transaction of its own.

    Several processes may run it at once: each change is applied once.
    """
    async with uow() as transaction:
        due = await transaction.unit_changes.due(civil_date(await transaction.now()))
    for change_id in due:
        async with uow() as transaction:
            advanced = await apply_unit_change(change_id, transaction)
        log.info("unit change %s: %d journeys ended", change_id, len(advanced))
        for each in advanced:
            rollout_id = each.state.rollout_id
            await engine.nudge_rollout(rollout_id)
            for wave in each.nudge:
                await engine.nudge_wave(rollout_id, wave)
