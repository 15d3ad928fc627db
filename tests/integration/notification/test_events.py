"""From an event in Kafka to the mail and the webhook, in one trace, once."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from contracts import Event
from contracts.assessment import RoundExtended, RoundOpened
from contracts.content import AssignmentCreated
from contracts.people import DelegationEndApproached, UnitManagerChanged, UnitMembersJoined
from contracts.workflow import (
    CriterionOutcome,
    ExternalWaveStarted,
    JourneyStuck,
    RolloutDecisionApproved,
    RolloutGateEvaluated,
    UnitRegistered,
)
from devstack import Stack
from integration.notification.conftest import Start
from integration.notification.mail_catcher import MailCatcher
from integration.notification.receiver import Receiver
from integration.notification.service import Service, person_row
from servicekit.settings import Database
from support.apps import unique
from support.eventually import eventually
from support.otlp import OtlpSink
from support.publishing import publish

UNIT = f"unit-{uuid4().hex[:8]}"
ROLLOUT = uuid4()
STUCK = JourneyStuck(rollout_id=ROLLOUT, unit_id=UNIT, step="modules", code="window-over")
OURS = ("notification_service", "servicekit", "aiosmtplib", "sqlalchemy")


def round_opened(unit: str = UNIT) -> RoundOpened:
    now = datetime.now(UTC)
    return RoundOpened(
        round_id=uuid4(),
        release_id=uuid4(),
        rollout_id=ROLLOUT,
        unit_id=unit,
        occasion="baseline",
        instrument_id="um-seven",
        instrument_version=1,
        opens_at=now,
        closes_at=now + timedelta(days=10),
    )


def unit_registered() -> UnitRegistered:
    return UnitRegistered(
        unit_id=UNIT, parent_id=None, name="Enheten Åäö", kind="unit", headcount=9, version=1
    )


def gate(outcome: str) -> RolloutGateEvaluated:
    criterion = CriterionOutcome(
        code="participation", outcome=outcome, value=None, hidden=True, dry_run=False
    )
    return RolloutGateEvaluated(
        rollout_id=ROLLOUT, gate="pilot", outcome=outcome, criteria=(criterion,)
    )


def decision() -> RolloutDecisionApproved:
    return RolloutDecisionApproved(
        rollout_id=ROLLOUT,
        decision_id=uuid4(),
        outcome="broad_introduction",
        diary_number="RV 2026-0001",
    )


def modules() -> list[AssignmentCreated]:
    return [
        AssignmentCreated(
            assignment_id=uuid4(),
            rollout_id=ROLLOUT,
            unit_id=UNIT,
            module_id=module,
            module_version=1,
        )
        for module in ("intro", "dialogue")
    ]


def manager(change: str, version: int) -> UnitManagerChanged:
    return UnitManagerChanged(unit_id=UNIT, manager=change, version=version)


def extended(opened: RoundOpened) -> RoundExtended:
    return RoundExtended(
        round_id=opened.round_id,
        rollout_id=ROLLOUT,
        unit_id=UNIT,
        occasion=opened.occasion,
        closes_at=opened.closes_at + timedelta(days=3),
    )


def mails_about(catcher: MailCatcher, *ids: object) -> list[tuple[str, str]]:
    """(recipient id, path of the link) of the mails that point to any of these ids."""
    return sorted((to, path) for to, path, _ in _letters(catcher, *ids))


def subjects_about(catcher: MailCatcher, *ids: object) -> list[str]:
    """The subjects of the mails that point to any of these ids."""
    return [subject for _, _, subject in _letters(catcher, *ids)]


def _letters(catcher: MailCatcher, *ids: object) -> Iterator[tuple[str, str, str]]:
    for mail in catcher.mails():
        part = mail.get_body(("plain",))
        assert part is not None
        path = re.search(r"^https://um\.example\.se(/\S+)", part.get_content(), re.MULTILINE)
        assert path is not None
        if any(str(id_) in path[1] for id_ in ids):
            address = mail["To"].addresses[0].addr_spec
            recipient_id = address.removesuffix("@example.se").replace("person", "p-")
            yield recipient_id, path[1], str(mail["Subject"])


async def outbox(service: Service, event_type: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(service.settings.db.dsn.get_secret_value())
    try:
        rows = await connection.fetch(
            "select payload, headers from outbox where type = $1", event_type
        )
        return [
            {**json.loads(bytes(r["payload"])), "headers": json.loads(r["headers"])} for r in rows
        ]
    finally:
        await connection.close()


def story(opened: RoundOpened) -> list[tuple[list[Event], list[tuple[str, str]]]]:
    """Events, and the mails (recipient, link) that they cause."""
    rollout, unit = f"/rollouts/{ROLLOUT}", f"/units/{UNIT}"
    invitations = [(f"p-000{n}", f"/rounds/{opened.round_id}") for n in (1, 2, 3)]
    return [
        ([opened, *modules(), manager("appointed", 1)], [*invitations, ("p-0003", unit)]),
        ([manager("changed", 2)], [("p-0004", unit)]),
        (
            [gate("inconclusive"), gate("pass"), decision()],
            [("p-0005", rollout), ("p-0004", f"{rollout}/decision")],
        ),
        # By now the unit's manager is p-0004, who was not invited; p-0003 has left.
        (
            [extended(opened), STUCK],
            [*invitations[:2], ("p-0005", unit)],
        ),
    ]


async def stored(database: Database, query: str, *values: object) -> str | None:
    """What a service has stored, in one row and column."""
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        found: str | None = await connection.fetchval(query, *values)
        return found
    finally:
        await connection.close()


async def test_every_event_leads_to_its_messages_once(
    servers: Stack,
    kafka: str,
    service: Service,
    catcher: MailCatcher,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.INFO)
    people = [
        person_row(1, unit=UNIT),
        person_row(2, unit=UNIT, language="en"),
        person_row(3, "manager", UNIT),
        person_row(4, "manager", f"{UNIT}-other"),
        person_row(5, "administrator", ""),
    ]
    await service.import_people(*people)
    successor = [
        person_row(3, unit=f"{UNIT}-other"),
        person_row(4, "manager", f"{UNIT}-other"),
        person_row(4, "manager", UNIT),
    ]
    opened = round_opened()
    steps = story(opened)

    async def named() -> bool:
        name = await stored(service.settings.db, "select name from units where unit_id = $1", UNIT)
        return name == unit_registered().name

    expected: list[tuple[str, str]] = []
    ids = (opened.round_id, ROLLOUT, UNIT)
    async with service.working():
        await publish(kafka, unit_registered())
        await eventually(named, within=60)
        for events, mails in steps:
            if manager("changed", 2) in events:
                await service.import_people(*successor)
            await publish(kafka, *events)
            expected = sorted([*expected, *mails])

            async def arrived(wanted: list[tuple[str, str]] = expected) -> bool:
                assert mails_about(catcher, *ids) == wanted
                return True

            await eventually(arrived, within=60)

        async def all_recorded() -> bool:
            sent = await outbox(service, "notification.message.sent.v1")
            return len(sent) == len(catcher.contents)

        await eventually(all_recorded)
    assert len(set(catcher.message_ids())) == len(catcher.contents)
    subjects = [str(mail["Subject"]) for mail in catcher.mails()]
    assert "Självskattning för Enheten Åäö är öppen" in subjects
    sent = await outbox(service, "notification.message.sent.v1")
    assert {f"<{event['message_id']}@example.se>" for event in sent} == set(catcher.message_ids())
    logged = [r for r in caplog.records if r.name.split(".")[0] in OURS]
    outside = json.dumps(sent) + " ".join(record.getMessage() for record in logged)
    assert not any(word in outside for word in ("p-000", "Exempelperson", "@"))


async def test_events_wait_while_the_people_service_is_away(
    kafka: str, start: Start, catcher: MailCatcher, caplog: pytest.LogCaptureFixture
) -> None:
    unit, groups = f"{UNIT}-waits", unique("-")
    alone, service = start(people={"url": "http://127.0.0.1:9"}), start()
    await service.import_people(person_row(1, unit=unit))
    opened = round_opened(unit)
    await publish(kafka, opened)

    async def waits() -> bool:
        return "PeopleUnavailable" in caplog.text

    async with alone.working(groups):
        await eventually(waits, within=60)
    assert mails_about(catcher, opened.round_id) == []

    async def arrived() -> bool:
        return len(mails_about(catcher, opened.round_id)) == 1

    async with service.working(groups):
        await eventually(arrived, within=60)
    buried = "select topic from outbox where topic like '%.dlq' limit 1"
    assert await stored(service.settings.db, buried) is None


async def test_who_joins_a_unit_is_invited_to_its_open_round_once(
    kafka: str, start: Start, catcher: MailCatcher
) -> None:
    service, unit = start(), f"{UNIT}-joined"
    opened, joined = round_opened(unit), UnitMembersJoined(unit_id=unit)
    await service.import_people(person_row(1, unit=unit))

    async def invited(count: int) -> bool:
        link = f"/rounds/{opened.round_id}"
        people = [(f"p-{number:04}", link) for number in range(1, count + 1)]
        assert mails_about(catcher, opened.round_id) == people
        return True

    async with service.working():
        await publish(kafka, opened)
        await eventually(partial(invited, 1), within=60)
        await service.import_people(person_row(2, unit=unit))
        await publish(kafka, joined, joined)
        await eventually(partial(invited, 2), within=60)
        await service.import_people(person_row(3, unit=unit))
        await publish(kafka, joined)
        await eventually(partial(invited, 3), within=60)


async def test_both_persons_of_a_delegation_get_a_reminder_of_its_end(
    kafka: str, start: Start, catcher: MailCatcher
) -> None:
    service, delegation_id, ends_on = start(), uuid4(), date(2030, 3, 9)
    await service.import_people(person_row(1, "manager"), person_row(2), person_row(3))
    made = (
        "insert into delegations (delegation_id, role, unit_id, principal_id, delegate_id,"
        " standing_for, valid_from, valid_to, on_paper) values ($1::uuid, 'deputy', 'rehab',"
        " 'p-0001', 'p-0002', $1::uuid, $2::date - 7, $2::date, false)"
    )
    await stored(service.people.database, made, delegation_id, ends_on)

    async def reminded() -> bool:
        link = f"/deputies#{delegation_id}"
        assert mails_about(catcher, delegation_id) == [("p-0001", link), ("p-0002", link)]
        return True

    event = DelegationEndApproached(delegation_id=delegation_id, ends_on=ends_on)
    async with service.working():
        await publish(kafka, event, event)
        await eventually(reminded, within=60)
    subjects = subjects_about(catcher, delegation_id)
    assert len(subjects) == 2
    assert all(str(ends_on) in subject for subject in subjects)


class NewerWaveStarted(ExternalWaveStarted):
    """The event as a later version of its producer publishes it."""

    pace: str


async def test_a_webhook_keeps_a_field_that_this_service_does_not_know(
    kafka: str, start: Start
) -> None:
    service, event = start(), NewerWaveStarted(rollout_id=uuid4(), wave=2, pace="calm")
    async with Receiver() as receiver, service.working():
        body = {"url": receiver.url, "event_types": [event.TYPE]}
        secret = (await service.ask("POST", "/subscriptions", json=body)).json()["secret"]
        (event_id,) = await publish(kafka, event)

        async def mine() -> list[Any]:
            return [r for r in receiver.requests if str(event.rollout_id) in r.body]

        (request,) = await eventually(mine, within=60)
    received = request.verify(secret)
    assert received["data"] == {"rollout_id": str(event.rollout_id), "wave": 2, "pace": "calm"}
    assert (received["id"], received["type"]) == (str(event_id), event.TYPE)


async def test_one_trace_from_the_event_to_the_mail_and_the_webhook(
    kafka: str, start: Start, catcher: MailCatcher, traced: OtlpSink
) -> None:
    service = start()
    unit = f"{UNIT}-traced"
    await service.import_people(person_row(1, unit=unit))
    trace, parent = uuid4().hex, uuid4().hex[:16]
    opened, wave = round_opened(unit), ExternalWaveStarted(rollout_id=uuid4(), wave=1)
    async with Receiver() as receiver, service.working():
        body = {"url": f"{receiver.url}?token=hidden", "event_types": ["external.*"]}
        await service.ask("POST", "/subscriptions", json=body)
        traceparent = f"00-{trace}-{parent}-01"
        await publish(kafka, opened, wave, traceparent=traceparent)

        async def arrived() -> bool:
            mine = [r for r in receiver.requests if str(wave.rollout_id) in r.body]
            return len(mine) == len(mails_about(catcher, opened.round_id)) == 1

        await eventually(arrived, within=60)

        async def recorded() -> bool:
            return bool(await outbox(service, "notification.message.sent.v1"))

        await eventually(recorded)
    (event,) = await outbox(service, "notification.message.sent.v1")
    assert event["headers"]["traceparent"].split("-")[1] == trace

    async def exported() -> bool:
        names = {span.name for span in traced.spans if span.trace_id == trace}
        return {"send round_opened", f"post {wave.TYPE}", "record MessageSent"} <= names

    await eventually(exported)
    spans = {span.span_id: span for span in traced.spans if span.trace_id == trace}
    mail = next(span for span in spans.values() if span.name == "send round_opened")
    consumed = spans[mail.parent_id]
    assert (consumed.name, consumed.parent_id) == ("process assessment.round", parent)
    post = next(span for span in spans.values() if span.name == f"post {wave.TYPE}")
    assert post.attributes["url.full"] == receiver.url
    exposed = json.dumps([[s.name, s.attributes] for s in traced.spans])
    assert not any(word in exposed for word in ("p-0001", "Exempelperson", "@", "hidden"))
