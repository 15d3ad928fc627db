"""Which events cause which messages, and that a repeated event causes no other."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from notification_service.application import handlers
from notification_service.application.commands import (
    AnnounceDecision,
    AnnounceExtension,
    AnnounceManager,
    AnnounceModules,
    CallForPerson,
    EndInvitations,
    InviteJoiners,
    InviteToRound,
    RemindOfEnd,
    ReportStuckJourney,
)
from unit.notification.builders import NOW, Person, person
from unit.notification.fake_store import Store
from unit.notification.fakes import FakeUnitOfWork

PEOPLE = [
    person(1),
    person(2),
    person(3, ("manager", "rehab")),
    person(4, ("manager", "heart")),
    person(5, ("administrator", "")),
]


def stored(people: list[Person]) -> FakeUnitOfWork:
    return FakeUnitOfWork(Store(people={p.person_id: p for p in people}))


def sent_to(uow: FakeUnitOfWork, template: str) -> list[str]:
    return sorted(m.recipient_id for m in uow.store.messages.values() if m.template == template)


async def test_a_round_invites_everyone_of_the_unit_once() -> None:
    uow = stored(PEOPLE)
    closes_at = datetime(2026, 3, 16, tzinfo=UTC)
    command = InviteToRound(uuid4(), "rehab", "baseline", closes_at)
    await handlers.invite_to_round(command, uow)
    await handlers.invite_to_round(command, uow)
    assert sent_to(uow, "round_opened") == ["p-0001", "p-0002", "p-0003"]


@pytest.mark.parametrize("occasion", ["follow_up", "long_term"])
async def test_a_later_round_says_that_it_is_not_the_first(occasion: str) -> None:
    uow = stored(PEOPLE)
    await handlers.invite_to_round(InviteToRound(uuid4(), "heart", occasion, NOW), uow)
    assert sent_to(uow, "follow_up_opened") == ["p-0004"]
    assert len(uow.store.messages) == 1


async def test_a_new_closing_time_reaches_those_who_were_invited_once() -> None:
    uow, round_id = stored(PEOPLE[:4]), uuid4()
    await handlers.invite_to_round(InviteToRound(round_id, "rehab", "follow_up", NOW), uow)
    uow.store.people["p-0009"] = person(9)
    later = NOW + timedelta(days=7)
    for closes_at in (later, later, later + timedelta(days=1)):
        command = AnnounceExtension(round_id, "rehab", closes_at)
        await handlers.announce_extension(command, uow)
    assert sent_to(uow, "round_extended") == [f"p-000{n}" for n in (1, 1, 2, 2, 3, 3)]
    last = (later + timedelta(days=1)).isoformat()
    promised = {(m.template, m.facts["closes_at"]) for m in uow.store.messages.values()}
    assert promised == {
        ("follow_up_opened", last),
        ("round_extended", later.isoformat()),
        ("round_extended", last),
    }


async def test_who_joins_a_unit_gets_what_it_has_open_once() -> None:
    uow, first, over = stored(PEOPLE[:4]), uuid4(), uuid4()
    later = NOW + timedelta(days=7)
    await handlers.invite_joiners(InviteJoiners("rehab"), uow)
    assert uow.store.messages == {}
    await handlers.invite_to_round(InviteToRound(first, "rehab", "baseline", NOW), uow)
    await handlers.invite_to_round(InviteToRound(over, "rehab", "follow_up", later), uow)
    await handlers.end_invitations(EndInvitations(over), uow)
    await handlers.announce_extension(AnnounceExtension(first, "rehab", later), uow)
    uow.store.people["p-0009"] = person(9)
    for unit in ("rehab", "rehab", "heart"):
        await handlers.invite_joiners(InviteJoiners(unit), uow)
    assert sent_to(uow, "round_opened") == ["p-0001", "p-0002", "p-0003", "p-0009"]
    assert "p-0009" not in sent_to(uow, "follow_up_opened")
    (theirs,) = [m for m in uow.store.messages.values() if m.recipient_id == "p-0009"]
    assert theirs.facts["closes_at"] == later.isoformat()
    again = AnnounceExtension(first, "rehab", later + timedelta(days=1))
    await handlers.announce_extension(again, uow)
    assert "p-0009" in sent_to(uow, "round_extended")


async def test_who_joins_after_the_closing_time_is_not_invited() -> None:
    uow = stored(PEOPLE[:4])
    await handlers.invite_to_round(InviteToRound(uuid4(), "rehab", "baseline", NOW), uow)
    uow.store.people["p-0009"] = person(9)
    await handlers.invite_joiners(InviteJoiners("rehab"), uow)
    assert "p-0009" not in sent_to(uow, "round_opened")


async def test_a_stuck_journey_is_reported_to_the_administrators_once_per_event() -> None:
    uow, command = stored(PEOPLE), ReportStuckJourney(uuid4(), "rehab", "unit-without-people")
    await handlers.report_stuck_journey(command, uow)
    await handlers.report_stuck_journey(command, uow)
    assert sent_to(uow, "journey_stuck") == ["p-0005"]
    assert [m.facts for m in uow.store.messages.values()] == [
        {"unit_id": "rehab", "code": "unit-without-people"}
    ]


async def test_a_unit_without_recipients_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    uow = stored([])
    await handlers.invite_to_round(InviteToRound(uuid4(), "rehab", "baseline", NOW), uow)
    assert "round_opened: there is nobody to write to" in caplog.text


async def test_modules_are_announced_to_the_manager_once_per_rollout() -> None:
    uow, rollout = stored(PEOPLE), uuid4()
    for _ in range(3):
        await handlers.announce_modules(AnnounceModules(rollout, "rehab"), uow)
    assert sent_to(uow, "modules_assigned") == ["p-0003"]
    await handlers.announce_modules(AnnounceModules(uuid4(), "rehab"), uow)
    assert sent_to(uow, "modules_assigned") == ["p-0003", "p-0003"]


async def test_who_came_as_a_manager_gets_the_hand_over_once() -> None:
    uow = stored(PEOPLE)
    for newcomers in (["p-0004"], ["p-0004"], [], ["p-0003", "p-0004"]):
        uow.store.new_managers["rehab"] = newcomers
        await handlers.announce_manager(AnnounceManager("rehab"), uow)
    assert sent_to(uow, "manager_assigned") == ["p-0003", "p-0004"]


async def test_both_persons_of_a_delegation_are_told_of_its_end_once() -> None:
    uow, mine, ended = stored(PEOPLE), uuid4(), uuid4()
    uow.store.delegations[mine] = ["p-0001", "p-0003"]
    for delegation_id in (mine, mine, ended):
        await handlers.remind_of_end(RemindOfEnd(delegation_id, date(2026, 3, 9)), uow)
    assert sent_to(uow, "delegation_ends") == ["p-0001", "p-0003"]
    facts = {"delegation_id": str(mine), "ends_on": "2026-03-09"}
    assert all(m.facts == facts for m in uow.store.messages.values())


async def test_each_evaluation_calls_the_administrators_again() -> None:
    uow, rollout, evaluation = stored(PEOPLE), uuid4(), uuid4()
    for evaluation_id in (evaluation, evaluation, uuid4()):
        command = CallForPerson(evaluation_id, rollout)
        await handlers.call_for_person(command, uow)
    assert sent_to(uow, "gate_needs_person") == ["p-0005", "p-0005"]


async def test_a_decision_is_announced_to_all_managers() -> None:
    uow, command = stored(PEOPLE), AnnounceDecision(uuid4(), uuid4())
    await handlers.announce_decision(command, uow)
    await handlers.announce_decision(command, uow)
    assert sent_to(uow, "decision_published") == ["p-0003", "p-0004"]
