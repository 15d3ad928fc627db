"""Reminders, the cap on invitations and the mail about results, with real servers."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.assessment import ResultsReleased, RoundClosed, RoundOpened
from integration.notification.assessment import AssessmentServer
from integration.notification.conftest import Start
from integration.notification.mail_catcher import MailCatcher
from integration.notification.people import PeopleProcess
from integration.notification.service import Service, person_row
from integration.notification.test_events import mails_about, outbox, round_opened
from notification_service.adapters.unit_of_work import NotificationUnitOfWork
from notification_service.application import rounds
from notification_service.application.commands import InviteToRound
from notification_service.application.rounds import RoundRules
from notification_service.domain.load_cap import LoadCap
from notification_service.domain.reminder import ReminderTimes
from servicekit.settings import Database
from support.apps import unique
from support.eventually import eventually
from support.publishing import publish

# Nobody whom another test erases: its events are consumed here too.
PEOPLE = ["p-0501", "p-0502", "p-0503", "p-0504"]
DAY = timedelta(days=1)
SUBJECTS = {one: str(UUID(int=number)) for number, one in enumerate(PEOPLE, 1)}


async def sign_in(people: PeopleProcess, *persons: str) -> None:
    """As if they had signed in: each has an account."""
    connection = await asyncpg.connect(people.database.dsn.get_secret_value())
    try:
        await connection.execute("delete from identities")
        for one in persons:
            await connection.execute(
                "insert into identities (issuer, subject, identity_id, account_id, person_id,"
                " first_seen, last_used) values ('idp', $1, $2, $2, $1, now(), now())",
                *(one, SUBJECTS[one]),
            )
    finally:
        await connection.close()


def half_over(unit: str) -> RoundOpened:
    """A round whose first reminder is due and whose second is not."""
    now = datetime.now(UTC)
    return round_opened(unit).model_copy(
        update={"opens_at": now - 8 * DAY, "closes_at": now + 3 * DAY}
    )


async def got(catcher: MailCatcher, about: object, expected: dict[str, int]) -> bool:
    """How many mails about a round each person has."""
    assert Counter(person for person, _ in mails_about(catcher, about)) == expected
    return True


async def rows(database: Database, table: str, *round_ids: UUID) -> list[dict[str, Any]]:
    """Rows about these rounds. Earlier tests' events are consumed here too."""
    about = "(facts ->> 'round_id')::uuid" if table == "messages" else "round_id"
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        query = f"select * from {table} where {about} = any($1)"
        return [dict(row) for row in await connection.fetch(query, round_ids)]
    finally:
        await connection.close()


@pytest.fixture
def unit() -> str:
    return unique("unit-")


async def test_only_those_without_an_answer_get_one_and_nothing_says_who(
    kafka: str,
    start: Start,
    catcher: MailCatcher,
    assessment: AssessmentServer,
    database: Database,
    unit: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    service, opened = start(assessment={"url": assessment.url}), half_over(unit)
    await service.import_people(*(person_row(number, unit=unit) for number in range(501, 505)))
    await sign_in(service.people, "p-0501", "p-0502")
    assessment.answered = {SUBJECTS["p-0501"]}
    caplog.clear()
    async with service.working():
        await publish(kafka, opened)
        expected = {"p-0501": 1, **dict.fromkeys(PEOPLE[1:], 2)}
        await eventually(partial(got, catcher, opened.round_id, expected), within=60)

        async def finished() -> bool:
            (row,) = await rows(database, "reminders", opened.round_id)
            assert (row["reminded"], row["claimed_until"]) == (1, None)
            assert row["due_at"] == opened.closes_at - DAY
            return True

        await eventually(finished, within=60)
        await asyncio.sleep(6)  # Longer than from one look for reminders to the next.
    asked = [subjects for about, subjects in assessment.asked if about == str(opened.round_id)]
    assert asked == [sorted(SUBJECTS[person] for person in PEOPLE[:2])]
    await got(catcher, opened.round_id, expected)
    messages = await rows(database, "messages", opened.round_id)
    invitations = await rows(database, "invitations", opened.round_id)
    for found in (messages, invitations):
        assert sorted(row["recipient_id"] for row in found) == PEOPLE
    assert {(row["template"], row["attempt"]) for row in messages} == {("round_opened", 1)}
    ids = {mail["Message-ID"] for mail in catcher.mails() if "är öppen till" in mail["Subject"]}
    sent = await outbox(service, "notification.message.sent.v1")
    assert len(ids) == 3
    assert not any(event["message_id"] in str(ids) for event in sent)
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("notification_service")]
    assert f"a reminder of round {opened.round_id} is due" in ours
    assert not any(word in " ".join(ours) for word in (*PEOPLE, *SUBJECTS.values(), "@example"))
    reminder = next(mail for mail in catcher.mails() if "är öppen till" in str(mail["Subject"]))
    part = reminder.get_body(("plain",))
    assert part is not None
    assert "frivilligt" in part.get_content()


async def test_a_held_round_waits_and_a_closed_one_is_not_reminded_of(
    kafka: str, start: Start, catcher: MailCatcher, assessment: AssessmentServer, unit: str,
    database: Database,
) -> None:  # fmt: skip
    service, held, over = (
        start(assessment={"url": assessment.url}),
        half_over(unit),
        half_over(unit),
    )
    await service.import_people(person_row(501, unit=unit))
    assessment.problem = "round-held"

    async def waits() -> bool:
        ids = {str(held.round_id), str(over.round_id)}
        assert ids <= {about for about, _ in assessment.asked}
        found = await rows(database, "reminders", held.round_id, over.round_id)
        assert [(row["reminded"], row["tries"]) for row in found] == [(0, 0), (0, 0)]
        return True

    async def ended() -> bool:
        (left,) = await rows(database, "reminders", held.round_id, over.round_id)
        assert left["round_id"] == held.round_id
        return True

    async with service.working():
        await publish(kafka, held, over)
        await eventually(waits, within=60)
        about = {"rollout_id": over.rollout_id, "unit_id": unit, "occasion": "baseline"}
        closed = RoundClosed(round_id=over.round_id, closed_on=datetime.now(UTC).date(), **about)
        await publish(kafka, closed)
        await eventually(ended, within=60)
        assessment.problem = ""
        connection = await asyncpg.connect(database.dsn.get_secret_value())
        await connection.execute("update reminders set claimed_until = now()")
        await connection.close()
        await eventually(partial(got, catcher, held.round_id, {"p-0501": 2}), within=60)
        await got(catcher, over.round_id, {"p-0501": 1})


async def test_two_workers_send_a_reminder_once(
    kafka: str, start: Start, catcher: MailCatcher, assessment: AssessmentServer, unit: str
) -> None:
    one, other = (start(assessment={"url": assessment.url}) for _ in range(2))
    await one.import_people(person_row(501, unit=unit))
    opened = [half_over(unit).model_copy(update={"release_id": uuid4()}) for _ in range(3)]

    async def sent() -> bool:
        for event in opened:
            await got(catcher, event.round_id, {"p-0501": 2})
        return True

    groups = unique("-")
    async with one.working(groups), other.working(groups):
        await publish(kafka, *opened)
        await eventually(sent, within=60)
        await asyncio.sleep(6)
    await sent()


async def test_results_reach_the_unit_once_with_nothing_of_them(
    kafka: str, service: Service, catcher: MailCatcher, unit: str
) -> None:
    await service.import_people(person_row(501, unit=unit), person_row(502, "manager", unit))
    released = [
        ResultsReleased(
            round_id=uuid4(),
            release_id=uuid4(),
            rollout_id=uuid4(),
            unit_id=unit,
            occasion="baseline",
            visibility=visibility,
            participation_band=band,
            behaviours=(),
        )
        for visibility, band in (("shown", "75-89"), ("hidden", None))
    ]
    paths = [f"/units/{unit}?rollout={one.rollout_id}" for one in released]

    async def arrived() -> bool:
        expected = [(person, path) for person in ("p-0501", "p-0502") for path in paths]
        assert mails_about(catcher, unit) == sorted(expected)
        return True

    async with service.working():
        await publish(kafka, *released, *released)
        await eventually(arrived, within=60)
    bodies = set()
    for mail in catcher.mails():
        part = mail.get_body(("plain",))
        assert part is not None
        text = part.get_content()
        if unit not in text:
            continue  # It waited since another test.
        for path in paths:
            text = text.replace(path, "P")
        bodies.add(text.replace("Exempelperson 0501", "N").replace("Exempelperson 0502", "N"))
    (body,) = bodies
    assert not any(word in body for word in ("75", "dold", "visas inte"))


async def test_who_was_asked_often_is_left_out_and_nobody_sees_who(
    kafka: str, start: Start, catcher: MailCatcher, unit: str
) -> None:
    service = start(load_cap={"invitations": 1})
    await service.import_people(person_row(501, unit=unit))
    first, second = round_opened(unit), round_opened(unit)

    async def left_out() -> Any:
        (one,) = (await service.ask("GET", "/load-cap")).json()["items"]
        return one

    async with service.working():
        await publish(kafka, first)
        await eventually(partial(got, catcher, first.round_id, {"p-0501": 1}), within=60)
        await service.import_people(person_row(501, unit=unit), person_row(502, unit=unit))
        await publish(kafka, second)
        await eventually(partial(got, catcher, second.round_id, {"p-0502": 1}), within=60)
        seen = await eventually(left_out, within=60)
    assert (seen["unit_id"], seen["round_id"]) == (unit, str(second.round_id))
    assert seen["not_invited"] == "1-4"
    listed = await service.ask("GET", "/messages", params={"template": "round_opened"})
    assert {one["recipient_id"] for one in listed.json()["items"]} == {None}
    assert not any(person in listed.text for person in PEOPLE)


async def test_many_invitations_at_once_keep_the_cap_and_one_per_release(
    uow: Callable[[], NotificationUnitOfWork],
) -> None:
    rules = RoundRules(LoadCap(4, 90 * DAY), ReminderTimes(0.5, DAY, 2))

    class Somebody:
        async def of_unit(self, unit_id: str) -> list[str]:
            await asyncio.sleep(0.01)
            return ["p-1"]

    async def invite(release_id: UUID) -> None:
        now = datetime.now(UTC)
        unit = unique("unit-")
        command = InviteToRound(uuid4(), release_id, unit, "baseline", now, now + 9 * DAY)
        async with uow() as tx:
            tx.recipients = Somebody()  # type: ignore[assignment]
            await rounds.invite_to_round(command, tx, rules)

    shared = uuid4()
    await asyncio.gather(*(invite(one) for one in [*(uuid4() for _ in range(8)), shared, shared]))
    async with uow() as tx:
        found = await tx.invitations.of(["p-1"])
    assert len(found) == 4
    assert len({one.release_id for one in found}) == 4
