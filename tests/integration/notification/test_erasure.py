"""Messages to somebody who is erased, with the real people service and Kafka."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from sqlalchemy import text

from contracts.people import PersonErased
from integration.notification.conftest import Start
from integration.notification.mail_catcher import MailCatcher
from integration.notification.service import Service, person_row
from integration.notification.test_events import round_opened
from integration.servicekit.flow import dead_letters
from notification_service.adapters.unit_of_work import NotificationUnitOfWork
from notification_service.application.ports import Erased
from notification_service.domain.message import address_to
from people_service.adapters.unit_of_work import PeopleUnitOfWork
from people_service.application.erasing import ErasePerson, erase_person
from people_service.domain.person import Person
from servicekit.audit_trail import Account
from servicekit.db import create_engine
from servicekit.settings import Database
from support.apps import unique
from support.erasing import NAMED, WORDS, assert_whole
from support.eventually import eventually
from support.ports import free_port
from support.publishing import publish
from support.searching import tables_with


async def at_people(service: Service, method: str, path: str, **request: Any) -> dict[str, Any]:
    headers = {"idempotency-key": str(uuid4()), **await service._as("administrator")}
    async with httpx.AsyncClient(base_url=f"{service.people.url}/v1", timeout=60) as client:
        answer = await client.request(method, path, headers=headers, **request)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def erase(service: Service, person_id: str) -> UUID:
    """Done by a person, whom no token of the development issuer is about."""
    engine = create_engine(service.people.database)
    try:
        async with PeopleUnitOfWork(engine) as uow:
            by = Person("administrator", "Exempelperson", "", "sv", frozenset())
            await uow.persons.save([by], "hand")
            account = str(await uow.accounts.of_person(by.person_id))
            asked = await erase_person(ErasePerson(person_id, account, "Asked for it"), uow)
        return asked.erasure_id
    finally:
        await engine.dispose()


async def rows(service: Service, erasure_id: UUID) -> dict[str, int]:
    """What notification has confirmed."""
    found = await at_people(service, "GET", f"/erasures/{erasure_id}")
    confirmed = {one["service"]: one["rows"] for one in found["confirmations"]}
    assert "notification" in confirmed, found
    counts: dict[str, int] = confirmed["notification"]
    return counts


async def test_sent_and_waiting_messages_are_deleted_and_confirmed(
    kafka: str, service: Service, catcher: MailCatcher, database: Database
) -> None:
    unit, dsn = unique("unit-"), database.dsn.get_secret_value()
    await service.import_people(person_row(1, unit=unit), person_row(2, unit=unit))
    sent, waiting = round_opened(unit), round_opened(unit)
    async with service.working():
        await publish(kafka, sent)
        await eventually(lambda: delivered(catcher, 2), within=60)
        catcher.on_content = later
        await publish(kafka, waiting)
        await eventually(lambda: stored(dsn, unit, 4), within=60)
        erasure_id, again = [await erase(service, "p-0001") for _ in range(2)]
        await publish(kafka, PersonErased(erasure_id=erasure_id))
        await eventually(lambda: rows(service, erasure_id), within=60)
        await publish(kafka, PersonErased(erasure_id=again))
        await eventually(lambda: rows(service, again), within=60)
    confirmed = await rows(service, erasure_id)
    assert confirmed["messages"] == 2
    assert len(catcher.mails()) == 2
    assert confirmed["attempts"] >= 1
    assert set((await rows(service, again)).values()) == {0}
    assert await tables_with(dsn, ["p-0001"]) == set()
    assert confirmed["invitations"] == 2
    kept = {("messages", "p-0002"), ("invitations", "p-0002")}
    assert await tables_with(dsn, ["p-0002"]) == kept


async def test_reasons_in_the_audit_trail_and_stored_answers_are_searched_too(
    uow: Callable[[], NotificationUnitOfWork], database: Database
) -> None:
    erased = Erased("p-0777", WORDS)
    async with uow().by(Account("operator")) as tx:
        tx.audit("dead_letters.handle/discard_dead_letters", "dead-letter/1", reason=NAMED)
        tx.audit("dead_letters.handle/discard_dead_letters", "dead-letter/2", reason="Repeated")
        answer = "insert into idempotency_keys values ('a', 'k', '', 200, :body)"
        body = json.dumps({"reason": NAMED}, ensure_ascii=False).encode()
        await tx.connection.execute(text(answer), {"body": body})
    async with uow() as tx:
        removed = await tx.erasures.remove(uuid4(), erased)
    none = {"messages": 0, "attempts": 0, "invitations": 0}
    assert removed == {**none, "idempotency_keys": 1, "audit_lines": 1}
    assert await tables_with(database.dsn.get_secret_value(), WORDS) == set()
    await assert_whole(database, 1)


async def test_an_erasure_waits_for_people(
    kafka: str, service: Service, start: Start, database: Database
) -> None:
    groups, dsn = unique("-"), database.dsn.get_secret_value()
    await service.import_people(person_row(1))
    async with service.app.uow() as uow:
        await uow.messages.add(address_to("round_opened", ["r"], ["p-0001"], {}), await uow.now())
    erasure_id = await erase(service, "p-0001")
    alone = start(people={"url": f"http://127.0.0.1:{free_port()}"})
    async with alone.working(groups):
        await publish(kafka, PersonErased(erasure_id=erasure_id))
        await asyncio.sleep(3)
        assert await tables_with(dsn, ["p-0001"]) == {("messages", "p-0001")}
    async with service.working(groups):
        await eventually(lambda: rows(service, erasure_id), within=60)
    assert await tables_with(dsn, ["p-0001"]) == set()


async def test_an_erasure_that_people_does_not_know_holds_up_no_other(
    kafka: str, service: Service
) -> None:
    groups = unique("-")
    await service.import_people(person_row(1))
    async with service.app.uow() as uow:
        await uow.erasures.to_confirm(UUID(int=0), {})  # before all others, as a restore leaves it
    unknown, known = uuid4(), await erase(service, "p-0001")
    async with service.working(groups):
        await publish(kafka, PersonErased(erasure_id=unknown))
        await publish(kafka, PersonErased(erasure_id=known))
        await eventually(lambda: rows(service, known), within=60)
        await eventually(lambda: set_aside(kafka, f"notification.erasures{groups}", unknown))
    async with service.app.uow() as uow:
        assert await uow.erasures.unconfirmed() == {}


async def test_whoever_was_told_of_the_person_is_waited_for(
    uow: Callable[[], NotificationUnitOfWork],
) -> None:
    """Otherwise a message could be stored after the erasure by who asked for recipients before."""

    async def remove() -> int:
        async with uow() as tx:
            return (await tx.erasures.remove(uuid4(), Erased("p-0001", [])))["messages"]

    async with uow() as tx:
        await tx.recipients.of_unit("rehab")
        removing = asyncio.create_task(remove())
        await asyncio.sleep(0.5)
        assert not removing.done()
        await tx.messages.add(address_to("round_opened", ["r"], ["p-0001"], {}), await tx.now())
    assert await removing == 1


async def set_aside(kafka: str, group: str, erasure_id: UUID) -> bool:
    """Those of other tests, which this people service does not know any more, are too."""
    values = [letter.value for letter in await dead_letters(kafka, group, 1)]
    assert any(str(erasure_id).encode() in value for value in values)
    return True


async def later(_: str) -> str:
    """The mail server's answer when it takes nothing for now."""
    return "451 Try again later"


async def delivered(catcher: MailCatcher, count: int) -> bool:
    assert len(catcher.mails()) == count
    return True


async def stored(dsn: str, unit: str, count: int) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        query = "select count(*) from messages where facts ->> 'unit_id' = $1"
        assert await connection.fetchval(query, unit) == count
    finally:
        await connection.close()
    return True
