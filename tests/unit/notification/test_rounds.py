"""Who is invited to a round, how often, and what reaches them after."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from notification_service.application import rounds
from notification_service.application.commands import (
    AnnounceExtension,
    AnnounceResults,
    EndInvitations,
    InviteJoiners,
    InviteToRound,
)
from notification_service.application.retention import forget_invitations
from notification_service.application.rounds import RoundRules
from notification_service.domain.load_cap import LoadCap
from notification_service.domain.reminder import ReminderTimes
from unit.notification.builders import NOW, person
from unit.notification.fakes import FakeUnitOfWork
from unit.notification.test_handlers import PEOPLE, sent_to, stored

DAY = timedelta(days=1)
CAP = LoadCap(4, 90 * DAY)
ROUND_RULES = RoundRules(CAP, ReminderTimes(0.5, DAY, 2))


def opened(
    unit: str = "rehab",
    occasion: str = "baseline",
    closes_at: datetime = NOW + 14 * DAY,
    release_id: UUID | None = None,
) -> InviteToRound:
    ids = (uuid4(), release_id or uuid4())
    return InviteToRound(*ids, unit, occasion, NOW, closes_at)


async def invite(uow: FakeUnitOfWork, command: InviteToRound) -> UUID:
    await rounds.invite_to_round(command, uow, ROUND_RULES)
    return command.round_id


async def extend(uow: FakeUnitOfWork, round_id: UUID, closes_at: datetime) -> None:
    command = AnnounceExtension(round_id, "rehab", closes_at)
    await rounds.announce_extension(command, uow, ROUND_RULES)


async def join(uow: FakeUnitOfWork, unit: str = "rehab") -> None:
    await rounds.invite_joiners(InviteJoiners(unit), uow, ROUND_RULES)


async def test_a_round_invites_everyone_of_the_unit_once() -> None:
    uow, command = stored(PEOPLE), opened()
    await invite(uow, command)
    await invite(uow, command)
    assert sent_to(uow, "round_opened") == ["p-0001", "p-0002", "p-0003"]


@pytest.mark.parametrize("occasion", ["follow_up", "long_term"])
async def test_a_later_round_says_that_it_is_not_the_first(occasion: str) -> None:
    uow = stored(PEOPLE)
    await invite(uow, opened("heart", occasion))
    assert sent_to(uow, "follow_up_opened") == ["p-0004"]
    assert len(uow.store.messages) == 1


async def test_a_new_closing_time_reaches_those_who_were_invited_once() -> None:
    uow = stored(PEOPLE[:4])
    round_id = await invite(uow, opened(occasion="follow_up"))
    uow.store.people["p-0009"] = person(9)
    later = NOW + 20 * DAY
    for closes_at in (later, later, later + DAY):
        await extend(uow, round_id, closes_at)
    assert sent_to(uow, "round_extended") == [f"p-000{n}" for n in (1, 1, 2, 2, 3, 3)]
    last = (later + DAY).isoformat()
    promised = {(m.template, m.facts["closes_at"]) for m in uow.store.messages.values()}
    assert promised == {
        ("follow_up_opened", last),
        ("round_extended", later.isoformat()),
        ("round_extended", last),
    }


async def test_who_joins_a_unit_gets_what_it_has_open_once() -> None:
    uow, later = stored(PEOPLE[:4]), NOW + 7 * DAY
    await join(uow)
    assert uow.store.messages == {}
    first = await invite(uow, opened(closes_at=NOW))
    over = await invite(uow, opened(occasion="follow_up", closes_at=later))
    await rounds.end_invitations(EndInvitations(over), uow)
    await extend(uow, first, later)
    uow.store.people["p-0009"] = person(9)
    for unit in ("rehab", "rehab", "heart"):
        await join(uow, unit)
    assert sent_to(uow, "round_opened") == ["p-0001", "p-0002", "p-0003", "p-0009"]
    assert "p-0009" not in sent_to(uow, "follow_up_opened")
    (theirs,) = [m for m in uow.store.messages.values() if m.recipient_id == "p-0009"]
    assert theirs.facts["closes_at"] == later.isoformat()
    await extend(uow, first, later + DAY)
    assert "p-0009" in sent_to(uow, "round_extended")


async def test_who_joins_after_the_closing_time_is_not_invited() -> None:
    uow = stored(PEOPLE[:4])
    await invite(uow, opened(closes_at=NOW))
    uow.store.people["p-0009"] = person(9)
    await join(uow)
    assert "p-0009" not in sent_to(uow, "round_opened")


async def test_nobody_is_invited_again_when_old_messages_are_removed() -> None:
    uow = stored(PEOPLE[:4])
    await invite(uow, opened())
    uow.store.messages.clear()
    await join(uow)
    assert uow.store.messages == {}


async def test_a_unit_without_recipients_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    await invite(stored([]), opened())
    assert "round_opened: there is nobody to write to" in caplog.text


async def test_who_works_in_two_units_of_a_release_is_invited_once() -> None:
    both = person(1, ("employee", "rehab"), ("employee", "heart"))
    uow, release_id = stored([both, *PEOPLE[1:]]), uuid4()
    rehab = await invite(uow, opened("rehab", release_id=release_id))
    heart = await invite(uow, opened("heart", release_id=release_id))
    assert sent_to(uow, "round_opened") == ["p-0001", "p-0002", "p-0003", "p-0004"]
    assert await uow.invitations.invited(heart) == {"p-0004"}
    assert {one.over_cap for one in uow.store.open_rounds.values()} == {0}
    await extend(uow, rehab, NOW + 20 * DAY)
    assert "p-0001" in sent_to(uow, "round_extended")


async def test_who_was_asked_often_is_not_asked_until_time_has_passed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    uow = stored(PEOPLE[:2])
    for _ in range(4):
        await invite(uow, opened())
    uow.store.people["p-0009"] = person(9)
    fifth = await invite(uow, opened())
    assert await uow.invitations.invited(fifth) == {"p-0009"}
    assert uow.store.open_rounds[fifth].over_cap == 2
    await extend(uow, fifth, NOW + 100 * DAY)
    assert {
        m.recipient_id for m in uow.store.messages.values() if m.template == "round_extended"
    } == {"p-0009"}
    uow.store.now = NOW + CAP.within
    await join(uow)
    assert await uow.invitations.invited(fifth) == {"p-0001", "p-0002", "p-0009"}
    assert uow.store.open_rounds[fifth].over_cap == 0
    assert "p-000" not in caplog.text


async def test_invitations_that_count_no_more_are_forgotten() -> None:
    uow = stored(PEOPLE[:1])
    closed, open_ = await invite(uow, opened()), await invite(uow, opened())
    await rounds.end_invitations(EndInvitations(closed), uow)
    uow.store.now = NOW + CAP.within
    await forget_invitations(lambda: uow, CAP)
    assert {round_id for _, round_id in uow.store.invitations} == {closed, open_}
    uow.store.now += timedelta(seconds=1)
    await forget_invitations(lambda: uow, CAP)
    assert {round_id for _, round_id in uow.store.invitations} == {open_}


async def test_reminders_follow_the_closing_time() -> None:
    uow = stored(PEOPLE[:2])
    round_id = await invite(uow, command := opened())
    row = uow.store.reminders[round_id]
    assert row.due_at == NOW + 7 * DAY
    await extend(uow, round_id, NOW + 20 * DAY)
    assert row.due_at == NOW + 10 * DAY
    await invite(uow, replace(command, closes_at=NOW + 3 * DAY))
    assert row.due_at == NOW + 10 * DAY, "an old event changed what is known"
    row.reminded = 1
    await extend(uow, round_id, NOW + 30 * DAY)
    assert row.due_at == NOW + 29 * DAY
    row.reminded = 2
    await extend(uow, round_id, NOW + 40 * DAY)
    assert row.due_at is None
    await rounds.end_invitations(EndInvitations(round_id), uow)
    assert uow.store.reminders == {}


async def test_a_unit_is_told_once_that_its_results_are_out_and_nothing_of_them() -> None:
    uow, rollout = stored(PEOPLE), uuid4()
    command = AnnounceResults(uuid4(), rollout, "rehab")
    for one in (command, command, replace(command, round_id=uuid4(), unit_id="heart")):
        await rounds.announce_results(one, uow)
    assert sent_to(uow, "results_released") == ["p-0001", "p-0002", "p-0003", "p-0004"]
    facts = {tuple(m.facts) for m in uow.store.messages.values()}
    assert facts == {("rollout_id", "unit_id")}
