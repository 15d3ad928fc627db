"""One transaction over everything this service stores."""

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from servicekit.db import SqlUnitOfWork
from workflow_service.adapters.outbound import SOURCE, translate
from workflow_service.adapters.postgres.rollouts import SqlRolloutRepository
from workflow_service.adapters.postgres.templates import SqlTemplateRepository
from workflow_service.adapters.postgres.units import SqlUnitRepository
from workflow_service.application.ports import RolloutRepository, TemplateRepository, UnitRepository


class WorkflowUnitOfWork(SqlUnitOfWork):
    """Commits on a clean exit; a recorded event is published if, and only if, it does."""

    units: UnitRepository
    templates: TemplateRepository
    rollouts: RolloutRepository

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, translate, SOURCE)

    def bind(self, connection: AsyncConnection) -> None:
        self.units = SqlUnitRepository(connection)
        self.templates = SqlTemplateRepository(connection)
        self.rollouts = SqlRolloutRepository(connection)
