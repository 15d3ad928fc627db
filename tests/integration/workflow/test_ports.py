"""The repositories in PostgreSQL do what every implementation of the ports must do."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from servicekit.migrations import is_kernel
from unit.workflow.organisation import port_scenarios as organisation
from unit.workflow.rollout import port_scenarios as rollout
from workflow_service.adapters.postgres.tables import Base
from workflow_service.adapters.postgres.unit_of_work import WorkflowUnitOfWork

SCENARIOS: list[Any] = [*organisation.SCENARIOS, *rollout.SCENARIOS]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_sql_repository(scenario: Any, engine: AsyncEngine) -> None:
    await scenario(lambda: WorkflowUnitOfWork(engine))


async def test_tables_and_migrations_agree(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {
            "include_name": lambda name, kind, _: kind != "table" or not is_kernel(name),
            "compare_server_default": True,
        }
        return list(
            compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
        )

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
