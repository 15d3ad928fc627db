"""Use cases against a unit of work in memory."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from content_service.application import handlers, module_handlers, queries
from content_service.application.commands import (
    AssignModules,
    CheckBack,
    ChooseAction,
    SetItemStatus,
)
from content_service.domain.assignment import AssignmentCompleted, AssignmentCreated
from content_service.domain.errors import DomainError
from content_service.domain.events import ModulePublished
from content_service.domain.module import content_hash
from content_service.domain.practice import ActionCheckedBack, ActionChosen, MeetingHeld
from servicekit.paging import PageRequest
from support.scopes import trees
from unit.content.builders import content
from unit.content.fakes import FakeUnitOfWork
from unit.content.setting import ELSEWHERE, IN_REGION, ROLLOUT, TODAY, assign, hold, refused


async def test_publishing_is_an_event_and_the_draft_goes_on(uow: FakeUnitOfWork) -> None:
    await module_handlers.revise_draft("start", content(length_minutes=20), None, uow)
    published = await module_handlers.publish_module("start", None, uow)
    assert uow.events == [ModulePublished("start", 2, ("engagement",))]
    assert published.content.length_minutes == 20
    first = await queries.get_version("start", 1, uow)
    assert first.content.length_minutes == 45


async def test_a_module_id_is_used_once_and_unknown_ones_are_reported(uow: FakeUnitOfWork) -> None:
    with refused("module-exists"):
        await module_handlers.create_module("start", content(), uow)
    with refused("module-unknown"):
        await module_handlers.revise_draft("gone", content(), None, uow)
    with refused("module-unknown"):
        await queries.get_draft("gone", uow)
    with refused("module-unknown"):
        await queries.get_version("start", 9, uow)
    await module_handlers.create_module("draft-only", content(), uow)
    with refused("module-unknown"):
        await queries.get_newest("draft-only", uow)


async def test_a_draft_that_was_changed_meanwhile_stays(uow: FakeUnitOfWork) -> None:
    seen = content_hash((await queries.get_draft("start", uow)).draft)
    changed = await module_handlers.revise_draft("start", content(length_minutes=20), seen, uow)
    with refused("module-changed"):
        await module_handlers.revise_draft("start", content(length_minutes=30), seen, uow)
    with refused("module-changed"):
        await module_handlers.publish_module("start", seen, uow)
    assert await queries.get_draft("start", uow) == changed
    await module_handlers.publish_module("start", content_hash(changed.draft), uow)
    assert (await queries.get_newest("start", uow)).content == changed.draft


async def test_assigning_twice_has_one_effect(uow: FakeUnitOfWork) -> None:
    command = AssignModules(ROLLOUT, ("rehab", "hjarta"), ("start", "samtal", "start"))
    first, _ = await handlers.assign_modules(command, None, uow)
    assert [(a.unit_id, a.module_id) for a in first] == [
        ("rehab", "start"),
        ("rehab", "samtal"),
        ("hjarta", "start"),
        ("hjarta", "samtal"),
    ]
    assert uow.events == [AssignmentCreated(assignment) for assignment in first]
    await module_handlers.revise_draft("start", content(length_minutes=20), None, uow)
    await module_handlers.publish_module("start", None, uow)
    uow.events.clear()
    again, _ = await handlers.assign_modules(command, None, uow)
    assert (again, uow.events) == (first, [])


async def test_only_published_modules_are_assigned_and_then_all_or_none(
    uow: FakeUnitOfWork,
) -> None:
    await module_handlers.create_module("utkast", content(), uow)
    command = AssignModules(ROLLOUT, ("rehab",), ("start", "utkast", "gone"))
    with pytest.raises(DomainError) as caught:
        await handlers.assign_modules(command, None, uow)
    assert [e["pointer"] for e in caught.value.errors] == ["/module_ids/1", "/module_ids/2"]
    assert await uow.assignments.page(None, None, None, PageRequest()) == ([], 0)
    assert uow.events == []


async def test_a_unit_works_through_its_module(uow: FakeUnitOfWork) -> None:
    [module] = await assign(uow, "rehab")
    uow.events.clear()
    for item_id in ("read", "kit"):
        command = SetItemStatus(module.assignment_id, item_id, "done", None)
        done = await handlers.set_item_status(command, IN_REGION, uow)
    assert uow.events == [AssignmentCompleted(done)]
    with refused("assignment-unknown"):
        await handlers.set_item_status(command, ELSEWHERE, uow)
    with refused("assignment-unknown"):
        unknown = SetItemStatus(uuid4(), "kit", "done", None)
        await handlers.set_item_status(unknown, None, uow)


async def test_modules_are_assigned_to_units_in_scope_only(uow: FakeUnitOfWork) -> None:
    command = AssignModules(ROLLOUT, ("rehab", "kopingshemmet"), ("start",))
    with refused("outside-scope"):
        await handlers.assign_modules(command, IN_REGION, uow)
    assert await uow.assignments.page(None, None, None, PageRequest()) == ([], 0)
    assert uow.events == []


async def test_a_meeting_is_recorded_for_a_unit_in_scope(uow: FakeUnitOfWork) -> None:
    module, _ = await assign(uow, "rehab", "hjarta")
    command = hold(assignment_id=module.assignment_id)
    meeting = await handlers.hold_meeting(command, IN_REGION, uow)
    assert uow.events[-1] == MeetingHeld(meeting)
    with refused("outside-scope"):
        await handlers.hold_meeting(hold(), ELSEWHERE, uow)
    with refused("outside-scope"):
        await handlers.hold_meeting(hold(unit_id="unheard-of"), ELSEWHERE, uow)
    with refused("assignment-of-another-unit"):
        other = hold(unit_id="hjarta", assignment_id=module.assignment_id)
        await handlers.hold_meeting(other, IN_REGION, uow)
    with refused("assignment-of-another-unit"):
        await handlers.hold_meeting(hold(assignment_id=uuid4()), IN_REGION, uow)


async def test_a_unit_without_modules_in_the_rollout_does_nothing_in_it(
    uow: FakeUnitOfWork,
) -> None:
    await assign(uow, "rehab")
    uow.events.clear()
    action = ChooseAction(ROLLOUT, "rehab", "creativity", "Try", TODAY)
    other = uuid4()
    await handlers.record_rollout(other, ("rehab",), uow)
    for elsewhere in ({"unit_id": "hjarta"}, {"rollout_id": other}):
        with refused("no-modules-assigned"):
            await handlers.hold_meeting(hold(**elsewhere), IN_REGION, uow)
        with refused("no-modules-assigned"):
            await handlers.choose_action(replace(action, **elsewhere), IN_REGION, uow)
    with refused("outside-scope"):
        await handlers.hold_meeting(hold(unit_id="hjarta"), ELSEWHERE, uow)
    for unit_id in ("rehab", "hjarta"):
        assert await uow.practice.of_unit(ROLLOUT, unit_id) == ([], [])
    assert uow.events == []


@pytest.mark.parametrize("held_on", [date(2026, 3, 2), date(2025, 2, 1), date(202, 3, 1)])
async def test_a_meeting_was_held_lately(uow: FakeUnitOfWork, held_on: date) -> None:
    await assign(uow, "rehab")
    with refused("meeting-date-invalid"):
        await handlers.hold_meeting(hold(held_on=held_on), IN_REGION, uow)


async def test_an_action_is_chosen_and_looked_back_at_once(uow: FakeUnitOfWork) -> None:
    await assign(uow, "rehab")
    uow.events.clear()
    command = ChooseAction(ROLLOUT, "rehab", "creativity", "Try one idea a week", TODAY)
    action = await handlers.choose_action(command, IN_REGION, uow)
    look = CheckBack(action.action_id, "kept", "It works")
    with refused("action-unknown"):
        await handlers.check_back(look, ELSEWHERE, uow)
    after = await handlers.check_back(look, IN_REGION, uow)
    assert (after.outcome, after.note) == ("kept", "It works")
    assert uow.events == [ActionChosen(action), ActionCheckedBack(action, "kept")]
    with refused("already-checked-back"):
        await handlers.check_back(look, IN_REGION, uow)


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2028, 4, 1)])
async def test_a_check_back_is_ahead_and_within_two_years(uow: FakeUnitOfWork, day: date) -> None:
    await assign(uow, "rehab")
    command = ChooseAction(ROLLOUT, "rehab", "creativity", "Try", day)
    with refused("check-back-date-invalid"):
        await handlers.choose_action(command, IN_REGION, uow)


async def test_progress_shows_what_the_unit_did(uow: FakeUnitOfWork) -> None:
    await assign(uow, "rehab", "hjarta")
    await handlers.hold_meeting(hold(), IN_REGION, uow)
    command = ChooseAction(ROLLOUT, "rehab", "creativity", "Try", TODAY)
    await handlers.choose_action(command, IN_REGION, uow)
    seen = await queries.get_progress("rehab", ROLLOUT, IN_REGION, uow)
    assert (seen.name, len(seen.assignments), len(seen.meetings)) == ("Rehab", 1, 1)
    assert [action.text for action in seen.actions] == ["Try"]
    with refused("outside-scope"):
        await queries.get_progress("rehab", ROLLOUT, ELSEWHERE, uow)


async def test_lists_of_assignments_stay_within_the_scope(uow: FakeUnitOfWork) -> None:
    await assign(uow, "rehab", "hjarta")
    page = PageRequest()
    own = trees("rehab")
    found, total = await queries.list_assignments(None, None, own, page, uow)
    assert ([a.unit_id for a in found], total) == (["rehab"], 1)
    _, total = await queries.list_assignments(None, ROLLOUT, IN_REGION, page, uow)
    assert total == 2
    with refused("outside-scope"):
        await queries.list_assignments("hjarta", None, own, page, uow)
