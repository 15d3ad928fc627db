"""Records must make sense: dates in Sweden, people whom the unit has, references that are known."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from content_service.application import handlers
from content_service.application.commands import AssignModules, CheckBack, ChooseAction
from content_service.domain.calendar import civil_date
from content_service.domain.errors import DomainError
from content_service.domain.unit import Unit
from unit.content.fakes import FakeUnitOfWork
from unit.content.setting import IN_REGION, ROLLOUT, TODAY, assign, hold, refused

SUMMER_NIGHT = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
INVENTED = UUID(int=7)


def test_a_summer_night_in_utc_is_the_next_day_in_sweden() -> None:
    assert civil_date(SUMMER_NIGHT) == date(2026, 7, 1)
    assert civil_date(datetime(2026, 12, 31, 22, 30, tzinfo=UTC)) == date(2026, 12, 31)
    assert civil_date(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == date(2027, 1, 1)


async def test_today_is_today_in_sweden(uow: FakeUnitOfWork) -> None:
    await assign(uow, "rehab")
    uow.time = SUMMER_NIGHT
    await handlers.hold_meeting(hold(held_on=date(2026, 7, 1)), IN_REGION, uow)
    with refused("check-back-date-invalid"):
        past = ChooseAction(ROLLOUT, "rehab", "creativity", "Try", date(2026, 6, 30))
        await handlers.choose_action(past, IN_REGION, uow)
    command = ChooseAction(ROLLOUT, "rehab", "creativity", "Try", date(2026, 7, 2))
    action = await handlers.choose_action(command, IN_REGION, uow)
    look = CheckBack(action.action_id, "kept", None)
    with refused("check-back-too-early"):
        await handlers.check_back(look, IN_REGION, uow)
    uow.time = datetime(2026, 7, 1, 22, tzinfo=UTC)
    assert (await handlers.check_back(look, IN_REGION, uow)).outcome == "kept"


async def test_no_more_people_met_than_the_unit_has(uow: FakeUnitOfWork) -> None:
    await assign(uow, "rehab")
    await handlers.hold_meeting(hold(headcount=10), IN_REGION, uow)
    with pytest.raises(DomainError) as caught:
        await handlers.hold_meeting(hold(headcount=11), IN_REGION, uow)
    assert caught.value.code == "headcount-too-large"
    assert caught.value.errors == [{"pointer": "/headcount", "detail": "Use 10 at most."}]


async def test_what_people_refer_to_must_be_known(uow: FakeUnitOfWork) -> None:
    for command, code, pointer in [
        (AssignModules(INVENTED, ("rehab",), ("start",)), "rollout-unknown", "/rollout_id"),
        (AssignModules(ROLLOUT, ("rehab", "nowhere"), ("start",)), "unit-unknown", "/unit_ids/1"),
    ]:
        with pytest.raises(DomainError) as caught:
            await handlers.assign_modules(command, None, uow)
        assert caught.value.code == code
        assert [error["pointer"] for error in caught.value.errors] == [pointer]
    with refused("rollout-unknown"):
        await handlers.hold_meeting(hold(rollout_id=INVENTED), IN_REGION, uow)
    with refused("rollout-unknown"):
        action = ChooseAction(INVENTED, "rehab", "creativity", "Try", TODAY)
        await handlers.choose_action(action, IN_REGION, uow)
    with refused("unit-unknown"):
        await handlers.hold_meeting(hold(unit_id="nowhere"), None, uow)
    assert uow.events == []


async def test_a_service_may_refer_to_what_is_announced_later(uow: FakeUnitOfWork) -> None:
    command = AssignModules(INVENTED, ("rehab", "nowhere"), ("start",), by_service=True)
    assigned, unknown = await handlers.assign_modules(command, None, uow)
    assert len(assigned) == 2
    assert [one.code for one in unknown] == ["rollout-unknown", "unit-unknown"]
    await handlers.record_rollout(INVENTED, ("rehab", "nowhere"), uow)
    await handlers.record_unit(Unit("nowhere", "region", "Nowhere", 3, 1), uow)
    assert (await handlers.assign_modules(command, None, uow))[1] == []


async def test_a_unit_that_is_not_in_the_rollout_gets_no_modules(uow: FakeUnitOfWork) -> None:
    await handlers.record_unit(Unit("elsewhere", "region", "Elsewhere", 3, 1), uow)
    command = AssignModules(ROLLOUT, ("rehab", "elsewhere"), ("start",))
    with pytest.raises(DomainError) as caught:
        await handlers.assign_modules(command, None, uow)
    assert caught.value.code == "unit-not-in-rollout"
    assert [error["pointer"] for error in caught.value.errors] == ["/unit_ids/1"]
