"""PostgreSQL behaves as the ports require: the scenarios of the fakes, and concurrency."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from notification_service.adapters import tables
from notification_service.adapters.unit_of_work import NotificationUnitOfWork
from notification_service.domain.message import address_to
from servicekit.migrations import is_kernel
from unit.notification.builders import NOW, delivery, subscription
from unit.notification.port_scenarios import SCENARIOS, Scenario

UnitOfWork = Callable[[], NotificationUnitOfWork]
LEASE = timedelta(seconds=30)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_sql_unit_of_work(scenario: Scenario, uow: UnitOfWork) -> None:
    await scenario(uow)


async def test_concurrent_senders_never_claim_the_same_message(uow: UnitOfWork) -> None:
    people = [f"p-{number}" for number in range(200)]
    async with uow() as tx:
        await tx.messages.add(address_to("round_opened", ["r"], people, {}), NOW)

    async def claim_all() -> list[object]:
        mine: list[object] = []
        while True:
            async with uow() as tx:
                claims = await tx.messages.claim(NOW, LEASE, 7)
            if not claims:
                return mine
            mine += [claim.message.message_id for claim in claims]

    taken = await asyncio.gather(*(claim_all() for _ in range(4)))
    everything = [message_id for mine in taken for message_id in mine]
    assert len(everything) == len(set(everything)) == 200


async def test_concurrent_senders_never_claim_the_same_delivery(uow: UnitOfWork) -> None:
    one = subscription()
    async with uow() as tx:
        await tx.subscriptions.add(one)
        await tx.deliveries.add([delivery(one.subscription_id) for _ in range(100)])

    async def claim() -> list[object]:
        async with uow() as tx:
            claims = await tx.deliveries.claim(NOW, LEASE, 25, 100)
        return [claim.delivery.delivery_id for claim in claims]

    taken = [i for mine in await asyncio.gather(*(claim() for _ in range(8))) for i in mine]
    assert len(taken) == len(set(taken))


async def test_the_migrations_create_the_tables_of_the_code(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: (
                    kind != "table" or not (is_kernel(name) or name == "alembic_version")
                ),
            },
        )
        return list(compare_metadata(context, tables.Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
