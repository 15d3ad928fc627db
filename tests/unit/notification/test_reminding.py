"""Only those who have not answered are reminded, and what is stored is the same for all."""

import asyncio
import logging
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from notification_service.application import rounds
from notification_service.application.commands import AnnounceExtension, EndInvitations
from notification_service.application.reminding import Reminding, RemindingRules
from notification_service.application.round_ports import (
    AssessmentUnavailable,
    RoundHeld,
    RoundOver,
)
from notification_service.domain.contact import Contact
from notification_service.domain.delivery import Outcome
from unit.notification.builders import NOW, Person, person
from unit.notification.fake_people import FakePeople
from unit.notification.fake_rounds import FakeAssessment
from unit.notification.fake_store import Store
from unit.notification.fakes import FakeChannel, FakeUnitOfWork
from unit.notification.test_dispatch import MAIL_RULES, FakeTemplates
from unit.notification.test_rounds import ROUND_RULES, invite, opened

DAY = timedelta(days=1)
LEASE = timedelta(minutes=10)
FIRST, SECOND = NOW + 7 * DAY, NOW + 13 * DAY
RETRY = Outcome("retry", "server-unavailable")


class Reminded:
    """A round of four people's unit, and what its reminders need."""

    def __init__(self, *outcomes: Outcome | Exception, people: list[Person] | None = None) -> None:
        known = people or [person(n) for n in (1, 2, 3, 4)]
        self.store = Store(people={one.person_id: one for one in known})
        self.people, self.assessment = FakePeople(self.store), FakeAssessment()
        self.channel = FakeChannel(*outcomes)
        rules = RemindingRules(ROUND_RULES.times, MAIL_RULES, retry_seconds=(0, 0, 0))
        parts = (self.people, self.assessment, self.channel, FakeTemplates())
        self.reminding = Reminding(self.uow, *parts, rules)

    def uow(self) -> FakeUnitOfWork:
        return FakeUnitOfWork(self.store)

    async def opened(self) -> UUID:
        return await invite(self.uow(), opened())

    async def run(self, at: Any) -> list[str]:
        """To whom mails have been sent until now."""
        self.store.now = at
        await self.reminding.run()
        return sorted(mail.to_address for mail in self.channel.sent)


def addresses(*numbers: int) -> list[str]:
    return [f"person{number:04}@example.se" for number in numbers]


async def test_only_those_who_have_not_answered_are_reminded_at_most_twice() -> None:
    case = Reminded()
    case.assessment.answered = {"P-0001", "P-0003"}
    await case.opened()
    assert await case.run(FIRST - timedelta(seconds=1)) == []
    assert await case.run(FIRST) == addresses(2, 4)
    assert await case.run(SECOND - timedelta(seconds=1)) == addresses(2, 4)
    case.assessment.answered.add("P-0002")
    assert await case.run(SECOND) == addresses(2, 4, 4)
    assert await case.run(NOW + 100 * DAY) == addresses(2, 4, 4)
    assert case.people.asked_about == [[f"p-000{n}" for n in (1, 2, 3, 4)]] * 2
    assert case.channel.closed


async def test_what_is_stored_and_logged_is_the_same_whoever_has_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    case = Reminded()
    await case.opened()
    rows = deepcopy(case.store)
    left: list[tuple[Any, list[str]]] = []
    for answered in ((), ("P-0001",), ("P-0001", "P-0002", "P-0003", "P-0004")):
        caplog.clear()
        vars(case.store).update(vars(deepcopy(rows)))
        case.assessment.answered = set(answered)
        await case.run(FIRST)
        left.append((deepcopy(vars(case.store)), [one.getMessage() for one in caplog.records]))
    assert left[0] == left[1] == left[2]
    assert left[0][1] != []
    assert "p-000" not in str(left[0][1]).lower()
    assert [left[0][0][name] for name in ("attempts", "recorded")] == [[], []]
    assert {m.template for m in case.store.messages.values()} == {"round_opened"}
    assert len(case.channel.sent) == 4 + 3 + 0


async def test_the_mail_says_the_true_closing_time() -> None:
    """Also if the event about it has not arrived."""
    case = Reminded(people=[person(1)])
    await case.opened()
    case.assessment.closes_at = NOW + 8 * DAY
    await case.run(FIRST)
    (mail,) = case.channel.sent
    assert "2026-03-10 09:00" in mail.content.text


async def test_who_never_signed_in_has_not_answered_and_who_has_no_address_gets_paper() -> None:
    from_paper = Person("p-0002", Contact("Exempelperson 0002", "", "sv"), person(2).assignments)
    case = Reminded(people=[person(1), from_paper])
    case.people.never_signed_in = {"p-0001"}
    await case.opened()
    assert await case.run(FIRST) == addresses(1)
    assert case.assessment.asked == [["P-0002"]]


async def test_who_was_not_invited_or_has_left_the_unit_is_not_reminded() -> None:
    case = Reminded()
    await case.opened()
    case.store.people["p-0009"] = person(9)
    case.store.people["p-0004"] = person(4, ("employee", "heart"))
    assert await case.run(FIRST) == addresses(1, 2, 3)


async def test_a_closed_round_is_not_reminded_of() -> None:
    case = Reminded()
    round_id = await case.opened()
    await rounds.end_invitations(EndInvitations(round_id), case.uow())
    assert await case.run(SECOND) == []
    assert case.assessment.asked == []


async def test_a_round_that_was_extended_is_reminded_of_later() -> None:
    case = Reminded(people=[person(1)])
    round_id = await case.opened()
    later = AnnounceExtension(round_id, "rehab", NOW + 20 * DAY)
    await rounds.announce_extension(later, case.uow(), ROUND_RULES)
    assert await case.run(FIRST) == []
    assert await case.run(NOW + 10 * DAY) == addresses(1)


@pytest.mark.parametrize("error", [RoundHeld(), AssessmentUnavailable("away")])
async def test_a_reminder_waits_for_a_pause_and_for_who_is_away(error: Exception) -> None:
    case = Reminded(people=[person(1)])
    round_id = await case.opened()
    case.assessment.error = error
    for minutes in range(0, 60, 5):
        assert await case.run(FIRST + timedelta(minutes=minutes)) == []
    case.assessment.error = None
    assert case.store.reminders[round_id].tries == 0
    assert await case.run(FIRST + timedelta(minutes=60)) == addresses(1)


async def test_a_reminder_waits_for_the_people_service() -> None:
    case = Reminded(people=[person(1)])
    await case.opened()
    case.people.down = True
    assert await case.run(FIRST) == []
    case.people.down = False
    assert await case.run(FIRST + LEASE) == addresses(1)


async def test_a_round_that_is_over_gets_no_reminder() -> None:
    case = Reminded(people=[person(1)])
    round_id = await case.opened()
    case.assessment.error = RoundOver()
    assert await case.run(SECOND) == []
    assert case.store.reminders[round_id].due_at is None


async def test_a_process_that_dies_while_it_sends_repeats_the_reminder_once() -> None:
    case = Reminded(people=[person(1)])
    round_id = await case.opened()
    case.store.now = FIRST

    async def dies(_: object) -> Outcome:
        case.channel.sent.append(None)
        raise asyncio.CancelledError

    sending, case.channel.send = case.channel.send, dies  # type: ignore[method-assign,assignment]
    for at in (FIRST, FIRST + LEASE / 2, FIRST + LEASE):
        case.store.now = at
        try:
            await case.reminding.run()
        except asyncio.CancelledError:
            continue
    assert len(case.channel.sent) == 2
    case.channel.send = sending  # type: ignore[method-assign]
    case.store.now = FIRST + 2 * LEASE
    await case.reminding.run()
    assert len(case.channel.sent) == 2
    row = case.store.reminders[round_id]
    assert (row.reminded, row.tries, row.due_at) == (1, 0, SECOND)


async def test_what_a_busy_mail_server_has_not_taken_is_sent_again() -> None:
    case = Reminded(RETRY, Outcome("accepted"), RuntimeError("p-0001@"), people=[
        person(1), person(2)
    ])  # fmt: skip
    round_id = await case.opened()
    sent = await case.run(FIRST)
    assert len(sent) == 4
    assert case.store.reminders[round_id].reminded == 1


async def test_nothing_was_sent_while_the_mail_server_is_away() -> None:
    case = Reminded(RETRY, RETRY, people=[person(1), person(2)])
    round_id = await case.opened()
    await case.run(FIRST)
    assert case.store.reminders[round_id].tries == 0
    assert case.store.reminders[round_id].reminded == 0
    assert len(await case.run(FIRST + timedelta(minutes=5))) == 4
    assert case.store.reminders[round_id].reminded == 1


async def test_mails_that_wait_end_when_the_round_closes() -> None:
    case = Reminded(Outcome("accepted"), RETRY, RETRY, RETRY, people=[person(1), person(2)])
    round_id = await case.opened()
    send = case.channel.send

    async def closes(item: Any) -> Outcome:
        await rounds.end_invitations(EndInvitations(round_id), case.uow())
        return await send(item)

    case.channel.send = closes  # type: ignore[method-assign]
    assert len(await case.run(FIRST)) == 2
