"""An answer and the closing of its round at the same moment: whichever waits sees the other."""

import asyncio
from uuid import UUID

import asyncpg

from assessment_service.domain.participation import participation_key
from integration.assessment.service import Service, sheet


async def test_closing_waits_for_an_answer_under_way(service: Service) -> None:
    body = service.opening(["ward"])
    ward, release_id = (await service.open(body))["ward"], UUID(body["release_id"])
    issuer = service.app._settings.auth.issuer
    secret = await service.app.keys.participation(release_id)
    key = participation_key(secret, issuer, "somebody")
    blocker = await asyncpg.connect(service.dsn)
    try:
        blocking = blocker.transaction()
        await blocking.start()
        insert = "insert into keyed_sheets values ($1, $2, $3, '')"
        await blocker.execute(insert, release_id, key, UUID(ward))
        answering = asyncio.create_task(service.answer(ward, "ward", "somebody", sheet(3)))
        await service.are_waiting(1)
        closing = asyncio.create_task(service.close(ward))
        await service.are_waiting(2)
        await blocking.rollback()
    finally:
        await blocker.close()
    assert (await answering).status_code == 200
    await closing
    await service.work()
    assert await service.disposal() == [(1, 1)]


async def test_an_answer_that_waited_for_the_closing_is_refused(service: Service) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    blocker = await asyncpg.connect(service.dsn)
    try:
        blocking = blocker.transaction()
        await blocking.start()
        await blocker.execute("update rounds set status = 'closed', closed_at = now()")
        answering = asyncio.create_task(service.answer(ward, "ward", "somebody", sheet(3)))
        await service.are_waiting(1)
        await blocking.commit()
    finally:
        await blocker.close()
    assert (await answering).json()["code"] == "round-closed"
    assert await service.rows("select * from keyed_sheets") == []
