"""PostgreSQL behaves as the ports require: the same scenarios as the fakes, and concurrency."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from content_service.adapters import tables
from content_service.adapters.unit_of_work import ContentUnitOfWork
from content_service.application import handlers
from content_service.application.commands import AssignModules, SetItemStatus
from servicekit.migrations import is_kernel
from unit.content.port_scenarios import SCENARIOS, Scenario, publish

UnitOfWork = Callable[[], ContentUnitOfWork]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_sql_unit_of_work(scenario: Scenario, uow: UnitOfWork) -> None:
    await scenario(uow)


async def test_tables_and_migrations_agree(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {
            "include_name": lambda name, kind, _: kind != "table" or not is_kernel(name),
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, tables.Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_assigning_at_once_makes_one_of_each_and_one_event_of_each(
    uow: UnitOfWork, engine: AsyncEngine
) -> None:
    async with uow() as tx:
        await publish(tx, "start")
        await publish(tx, "talk")
    units = tuple(f"u-{number}" for number in range(20))
    command = AssignModules(uuid4(), units, ("start", "talk"), by_service=True)

    async def assign() -> int:
        async with uow() as tx:
            return len((await handlers.assign_modules(command, None, tx))[0])

    assert await asyncio.gather(*(assign() for _ in range(5))) == [40] * 5
    async with engine.connect() as connection:
        published = await connection.execute(
            text("select count(*), count(distinct key) from outbox")
        )
        assert published.one() == (40, 40)


async def test_two_who_finish_the_last_items_at_once_complete_it_once(
    uow: UnitOfWork, engine: AsyncEngine
) -> None:
    async with uow() as tx:
        await publish(tx, "start")
        command = AssignModules(uuid4(), ("u",), ("start",), by_service=True)
        [module], _ = await handlers.assign_modules(command, None, tx)

    async def finish(item_id: str) -> None:
        async with uow() as tx:
            done = SetItemStatus(module.assignment_id, item_id, "done", None)
            await handlers.set_item_status(done, None, tx)

    await asyncio.gather(finish("read"), finish("kit"))
    async with engine.connect() as connection:
        completed = await connection.scalar(
            text("select count(*) from outbox where type = 'content.assignment.completed.v1'")
        )
        assert completed == 1
