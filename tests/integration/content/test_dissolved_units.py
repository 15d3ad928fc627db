"""What a unit did stays readable, under its successor too; nothing is added once it has ended."""

from datetime import date

import pytest

from content_service.application import handlers, queries
from content_service.application.commands import AssignModules, ChooseAction, HoldMeeting
from content_service.bootstrap import Content
from content_service.domain.errors import DomainError
from content_service.domain.unit import Unit
from integration.content.client import MODULE, Client
from integration.content.test_scope import ROLLOUT, TODAY
from support.scopes import trees

ENDED = "ended-unit"


async def test_a_merged_units_records_are_read_by_the_successor_and_closed(
    client: Client, app: Content
) -> None:
    await client.published()
    meeting = HoldMeeting(ROLLOUT, ENDED, None, "30", TODAY, 9)
    assigned = AssignModules(ROLLOUT, (ENDED,), (MODULE["module_id"],), by_service=True)
    async with app.uow() as uow:
        await handlers.record_rollout(ROLLOUT, [ENDED], uow)
        for unit in (Unit("taker", None, "T", 9, 1), Unit(ENDED, None, "E", 9, 1)):
            await handlers.record_unit(unit, uow)
        await handlers.assign_modules(assigned, None, uow)
        held = await handlers.hold_meeting(meeting, trees(ENDED), uow)
        await handlers.record_unit(Unit(ENDED, "taker", "E", 0, 3, date(2026, 1, 1)), uow)
        await handlers.record_unit(Unit(ENDED, None, "E", 9, 2), uow)
    async with app.uow() as uow:
        progress = await queries.get_progress(ENDED, ROLLOUT, trees("taker"), uow)
        assert progress.meetings == [held]
        action = ChooseAction(ROLLOUT, ENDED, "creativity", "Try", TODAY)
        by_hand = AssignModules(ROLLOUT, (ENDED,), (MODULE["module_id"],), by_service=False)
        for adding in (
            handlers.hold_meeting(meeting, trees("taker"), uow),
            handlers.choose_action(action, trees("taker"), uow),
            handlers.assign_modules(by_hand, trees("taker"), uow),
        ):
            with pytest.raises(DomainError) as caught:
                await adding
            assert caught.value.code == "unit-dissolved"
