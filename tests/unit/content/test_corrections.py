"""Evidence that was wrong is corrected or withdrawn, and what it was stays readable."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from content_service.adapters.outbound import translate
from content_service.application import corrections, handlers, queries
from content_service.application.commands import (
    CheckBack,
    ChooseAction,
    CorrectAction,
    CorrectMeeting,
    WithdrawAction,
    WithdrawCheckBack,
    WithdrawMeeting,
)
from content_service.domain.correction import (
    ActionCorrected,
    ActionWithdrawn,
    CheckBackWithdrawn,
    MeetingCorrected,
    MeetingWithdrawn,
)
from content_service.domain.events import DomainEvent
from content_service.domain.practice import Action, Meeting
from servicekit.paging import PageRequest
from unit.content.fakes import FakeUnitOfWork
from unit.content.setting import ELSEWHERE, IN_REGION, ROLLOUT, TODAY, assign, hold, refused

WHY = "Written down wrong"


@pytest.fixture
async def meeting(uow: FakeUnitOfWork) -> Meeting:
    await assign(uow, "rehab", "hjarta")
    return await handlers.hold_meeting(hold(), IN_REGION, uow)


@pytest.fixture
async def action(uow: FakeUnitOfWork) -> Action:
    await assign(uow, "rehab")
    command = ChooseAction(ROLLOUT, "rehab", "creativity", "Try", TODAY)
    return await handlers.choose_action(command, IN_REGION, uow)


def right(meeting: Meeting, **changes: Any) -> CorrectMeeting:
    facts = {"assignment_id": None, "variant": "30", "held_on": TODAY, "headcount": 9}
    return CorrectMeeting(meeting.meeting_id, **{**facts, **changes}, reason=WHY)


def chosen(action: Action, **changes: Any) -> CorrectAction:
    facts = {"behaviour": "creativity", "text": "Try", "check_back_on": TODAY}
    return CorrectAction(action.action_id, **{**facts, **changes}, reason=WHY)


async def history(uow: FakeUnitOfWork) -> list[tuple[str, str, Meeting | Action]]:
    found, _ = await corrections.list_changes("rehab", ROLLOUT, IN_REGION, PageRequest(), uow)
    return [(change.kind, change.reason, change.before) for change in found]


async def test_a_meeting_is_corrected(uow: FakeUnitOfWork, meeting: Meeting) -> None:
    after = await corrections.correct_meeting(right(meeting, headcount=8), IN_REGION, uow)
    assert (after.headcount, after.meeting_id) == (8, meeting.meeting_id)
    assert uow.events[-1] == MeetingCorrected(after)
    seen = await queries.get_progress("rehab", ROLLOUT, IN_REGION, uow)
    assert seen.meetings == [after]
    assert await history(uow) == [("meeting_corrected", WHY, meeting)]


async def test_a_withdrawn_meeting_does_not_count(uow: FakeUnitOfWork, meeting: Meeting) -> None:
    command = WithdrawMeeting(meeting.meeting_id, WHY)
    after = await corrections.withdraw_meeting(command, IN_REGION, uow)
    assert after.withdrawn_at == uow.time
    assert uow.events[-1] == MeetingWithdrawn(after)
    assert (await queries.get_progress("rehab", ROLLOUT, IN_REGION, uow)).meetings == []
    assert await history(uow) == [("meeting_withdrawn", WHY, meeting)]
    with refused("meeting-withdrawn"):
        await corrections.withdraw_meeting(command, IN_REGION, uow)
    with refused("meeting-withdrawn"):
        await corrections.correct_meeting(right(meeting, headcount=8), IN_REGION, uow)


async def test_a_correction_must_make_sense(uow: FakeUnitOfWork, meeting: Meeting) -> None:
    [other] = await assign(uow, "hjarta")
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "nothing-to-correct"),
        ({"headcount": 11}, "headcount-too-large"),
        ({"held_on": date(2026, 3, 2)}, "meeting-date-invalid"),
        ({"assignment_id": other.assignment_id}, "assignment-of-another-unit"),
        ({"assignment_id": uuid4()}, "assignment-of-another-unit"),
    ]
    for changes, code in cases:
        with refused(code):
            await corrections.correct_meeting(right(meeting, **changes), IN_REGION, uow)
    assert await history(uow) == []


async def test_what_does_not_change_is_not_judged_again(
    uow: FakeUnitOfWork, meeting: Meeting, action: Action
) -> None:
    uow.time = datetime(2027, 6, 1, tzinfo=UTC)
    await corrections.correct_meeting(right(meeting, headcount=8), IN_REGION, uow)
    after = await corrections.correct_action(chosen(action, text="Try it"), IN_REGION, uow)
    assert (after.text, after.check_back_on) == ("Try it", TODAY)
    with refused("check-back-date-invalid"):
        past = chosen(action, check_back_on=date(2027, 5, 31))
        await corrections.correct_action(past, IN_REGION, uow)


async def test_an_action_is_corrected_and_withdrawn(uow: FakeUnitOfWork, action: Action) -> None:
    with refused("nothing-to-correct"):
        await corrections.correct_action(chosen(action), IN_REGION, uow)
    corrected = await corrections.correct_action(chosen(action, text="It"), IN_REGION, uow)
    uow.time = datetime(2026, 3, 2, tzinfo=UTC)
    command = WithdrawAction(action.action_id, WHY)
    withdrawn = await corrections.withdraw_action(command, IN_REGION, uow)
    assert uow.events[-2:] == [ActionCorrected(corrected), ActionWithdrawn(withdrawn)]
    assert (await queries.get_progress("rehab", ROLLOUT, IN_REGION, uow)).actions == []
    assert await history(uow) == [
        ("action_withdrawn", WHY, corrected),
        ("action_corrected", WHY, action),
    ]
    for refusal in (
        corrections.withdraw_action(command, IN_REGION, uow),
        corrections.correct_action(chosen(action), IN_REGION, uow),
        corrections.withdraw_check_back(WithdrawCheckBack(action.action_id, WHY), None, uow),
        handlers.check_back(CheckBack(action.action_id, "kept", None), IN_REGION, uow),
    ):
        with refused("action-withdrawn"):
            await refusal


async def test_a_check_back_is_withdrawn_and_made_again(
    uow: FakeUnitOfWork, action: Action
) -> None:
    command = WithdrawCheckBack(action.action_id, WHY)
    with refused("not-checked-back"):
        await corrections.withdraw_check_back(command, IN_REGION, uow)
    looked = await handlers.check_back(
        CheckBack(action.action_id, "dropped", "Not ours"), IN_REGION, uow
    )
    with refused("already-checked-back"):
        later = chosen(action, check_back_on=date(2026, 5, 1))
        await corrections.correct_action(later, IN_REGION, uow)
    after = await corrections.withdraw_check_back(command, IN_REGION, uow)
    assert (after, uow.events[-1]) == (action, CheckBackWithdrawn(action))
    assert await history(uow) == [("check_back_withdrawn", WHY, looked)]
    again = CheckBack(action.action_id, "kept", None)
    assert (await handlers.check_back(again, IN_REGION, uow)).outcome == "kept"


async def test_only_within_the_callers_units(
    uow: FakeUnitOfWork, meeting: Meeting, action: Action
) -> None:
    for id_ in (meeting.meeting_id, uuid4()):
        with refused("meeting-unknown"):
            await corrections.withdraw_meeting(WithdrawMeeting(id_, WHY), ELSEWHERE, uow)
    for id_ in (action.action_id, uuid4()):
        with refused("action-unknown"):
            await corrections.withdraw_action(WithdrawAction(id_, WHY), ELSEWHERE, uow)
    with refused("outside-scope"):
        page = PageRequest()
        await corrections.list_changes("rehab", ROLLOUT, ELSEWHERE, page, uow)


async def test_others_hear_of_it_without_the_reason(
    uow: FakeUnitOfWork, meeting: Meeting, action: Action
) -> None:
    events: list[DomainEvent] = [
        MeetingCorrected(meeting),
        MeetingWithdrawn(meeting),
        ActionCorrected(action),
        ActionWithdrawn(action),
        CheckBackWithdrawn(action),
    ]
    published = [one for event in events for one in translate(event)]
    assert [one.TYPE for one in published] == [
        "content.meeting.corrected.v1",
        "content.meeting.withdrawn.v1",
        "content.action.corrected.v1",
        "content.action.withdrawn.v1",
        "content.action.check_back_withdrawn.v1",
    ]
    assert {one.key for one in published} == {str(meeting.meeting_id), str(action.action_id)}
    for one in published:
        assert len(one.model_dump()) == 3  # its id, the rollout and the unit
