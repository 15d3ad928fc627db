"""After a restore nothing is sent until an operator has looked, and then nothing twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from devstack.backup.restore import QUARANTINE
from integration.notification.conftest import Start
from integration.notification.mail_catcher import MailCatcher
from integration.notification.receiver import Receiver
from integration.notification.service import Service, person_row
from integration.notification.webhooks import deliveries, publish, subscribe
from notification_service.application import quarantine
from notification_service.domain.message import address_to
from servicekit.settings import Database
from support.audit import Trail
from support.eventually import eventually

FACTS = {"round_id": str(UUID(int=1)), "unit_id": "rehab", "closes_at": "2026-03-16T11:00:00+00:00"}


@pytest.fixture
async def service(start: Start) -> Service:
    """Its database was restored."""
    service = start()
    await service.import_people(person_row(1), person_row(2))
    async with service.app.uow() as uow:
        await quarantine.hold("restored to noon", uow)
    return service


async def invite(service: Service, person_id: str) -> None:
    async with service.app.uow() as uow:
        await uow.messages.add(
            address_to("round_opened", ("1",), [person_id], FACTS), await uow.now()
        )


async def lift(service: Service, until: datetime | None, as_: str = "operator") -> Any:
    body = {"already_sent_until": until and until.isoformat()}
    return await service.ask("POST", "/quarantine/lift", as_=as_, json=body)


async def test_a_restore_says_why_it_holds_though_the_restored_data_were_held_already(
    service: Service, database: Database
) -> None:
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        await connection.execute(QUARANTINE, "restored to one o'clock")
    finally:
        await connection.close()
    held = (await service.ask("GET", "/quarantine", as_="operator")).json()
    assert held["reason"] == "restored to one o'clock"


async def test_nothing_is_sent_before_it_is_lifted_and_what_people_have_had_not_at_all(
    service: Service, catcher: MailCatcher, database: Database
) -> None:
    trail = Trail(database)
    await invite(service, "p-0001")
    held = (await service.ask("GET", "/quarantine", as_="operator")).json()
    assert held["reason"] == "restored to noon"
    async with service.sending():
        await asyncio.sleep(2)  # Four looks for something to send.
        assert catcher.mails() == []
        answer = await lift(service, datetime.now(UTC))
        assert answer.json() == {"already_sent": 1}, answer.text
        await invite(service, "p-0002")
        await eventually(lambda: asyncio.sleep(0, len(catcher.mails()) == 1))
        await asyncio.sleep(1)
    (mail,) = catcher.mails()
    assert "0002" in mail["To"]
    messages = (await service.ask("GET", "/messages")).json()["items"]
    assert sorted((one["status"], one["reason"]) for one in messages) == [
        ("sent", ""),
        ("sent", "already-sent"),
    ]
    line = await trail.one()
    assert (line.action, line.after["already_sent"]) == ("quarantine.lift/lift_quarantine", 1)
    held = (await service.ask("GET", "/quarantine", as_="operator")).json()
    assert held == {"held_since": None, "reason": None}


async def test_what_is_held_stays_held_for_its_reason(service: Service) -> None:
    async with service.app.uow() as uow:
        assert (await quarantine.hold("held by an operator", uow)).reason == "restored to noon"
    answer = (await service.ask("GET", "/quarantine", as_="operator")).json()
    assert answer["reason"] == "restored to noon"


async def test_all_is_sent_if_nobody_has_had_it(service: Service, catcher: MailCatcher) -> None:
    await invite(service, "p-0001")
    async with service.sending():
        assert (await lift(service, None)).json() == {"already_sent": 0}
        await eventually(lambda: asyncio.sleep(0, len(catcher.mails()) == 1))


async def test_webhooks_are_held_and_sent_later_under_their_ids(
    service: Service,
) -> None:
    async with Receiver() as receiver, service.sending():
        await subscribe(service, receiver)
        await publish(service)
        await asyncio.sleep(2)
        assert receiver.requests == []
        await lift(service, datetime.now(UTC))

        async def arrived() -> bool:
            return {one["status"] for one in await deliveries(service)} == {"sent"}

        await eventually(arrived)
        assert len(receiver.requests) == 1


async def test_a_reminder_that_was_sent_is_over_and_the_next_one_comes(
    service: Service,
) -> None:
    now = datetime.now(UTC)
    opens, closes = now - timedelta(days=8), now + timedelta(days=6)
    async with service.app.uow() as uow:
        await uow.connection.execute(
            text(
                "insert into open_rounds (round_id, unit_id, occasion, opens_at, closes_at)"
                " values (:id, 'rehab', 'baseline', :opens, :closes)"
            ),
            {"id": UUID(int=1), "opens": opens, "closes": closes},
        )
        await uow.reminders.plan(UUID(int=1), [now - timedelta(days=1), now + timedelta(days=5)])
        assert await uow.reminders.claim(now, timedelta(minutes=1)) is None
    assert (await lift(service, now)).is_success
    async with service.app.uow() as uow:
        row = (await uow.connection.execute(text("select * from reminders"))).one()
    assert (row.reminded, row.due_at, row.claimed_until) == (1, closes - timedelta(days=1), None)


async def test_a_lift_without_need_or_for_a_time_to_come_is_refused(service: Service) -> None:
    later = await lift(service, datetime.now(UTC) + timedelta(hours=1))
    assert (later.status_code, later.json()["code"]) == (422, "not-yet")
    assert (await lift(service, None)).is_success
    again = await lift(service, None)
    assert (again.status_code, again.json()["code"]) == (409, "nothing-held")


async def test_readiness_says_so(service: Service) -> None:
    """The worker measures what waits, and its readiness lists what it cannot do."""
    async with service.working():

        async def said() -> bool:
            health = await service.client.get("http://notification/health/ready")
            return any("are held" in one for one in health.json()["cannot"])

        await eventually(said, within=20)
