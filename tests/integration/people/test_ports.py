"""PostgreSQL behaves as the ports require: the scenarios of the fakes, and concurrency."""

import asyncio
from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from people_service.adapters import tables
from people_service.adapters.unit_of_work import PeopleUnitOfWork
from people_service.application.ports import Account
from people_service.domain.identities import BindingRefusal
from servicekit.migrations import is_kernel
from unit.people import code_port_scenarios
from unit.people.builders import person
from unit.people.port_scenarios import SCENARIOS, TODAY, Scenario

UnitOfWork = Callable[[], PeopleUnitOfWork]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_sql_unit_of_work(scenario: Scenario, uow: UnitOfWork) -> None:
    await scenario(uow)


@pytest.mark.parametrize(
    "scenario", code_port_scenarios.SCENARIOS, ids=lambda scenario: scenario.__name__
)
async def test_sql_unit_of_work_of_codes(
    scenario: code_port_scenarios.Scenario, uow: UnitOfWork
) -> None:
    await scenario(uow)


async def test_a_second_import_waits_for_the_first(uow: UnitOfWork) -> None:
    async def second() -> set[str]:
        async with uow() as tx:
            return set(await tx.persons.all_locked())

    async with uow() as tx:
        await tx.persons.all_locked()
        waiting = asyncio.create_task(second())
        await tx.persons.save([person(1)], "import")
    assert await waiting == {"p-0001"}


async def test_an_identity_that_signs_in_many_times_at_once_is_one_account(
    uow: UnitOfWork,
) -> None:
    async def keep() -> Account | BindingRefusal:
        async with uow() as tx:
            return await tx.accounts.keep("https://idp", "a", None, TODAY)

    assert len(set(await asyncio.gather(*(keep() for _ in range(8))))) == 1


async def test_only_one_of_many_identities_becomes_a_person_at_a_provider(uow: UnitOfWork) -> None:
    async with uow() as tx:
        await tx.persons.save([person(1)], "import")

    async def claim(subject: str) -> bool:
        async with uow() as tx:
            kept = await tx.accounts.keep("https://idp", subject, "p-0001", TODAY)
            return isinstance(kept, Account)

    claimed = await asyncio.gather(*(claim(f"subject-{n}") for n in range(8)))
    assert claimed.count(True) == 1


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
