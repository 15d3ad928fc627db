"""One transaction over everything this service stores."""

from sqlalchemy.ext.asyncio import AsyncEngine

from servicekit.db import SqlUnitOfWork
from workflow_service.adapters.outbound import SOURCE, translate
from workflow_service.adapters.postgres.rollouts import SqlRolloutRepository
from workflow_service.adapters.postgres.templates import SqlTemplateRepository
from workflow_service.adapters.postgres.units import SqlUnitRepository
from workflow_service.application.ports import RolloutRepository, TemplateRepository, UnitRepository


class SqlWorkflowUnitOfWork(SqlUnitOfWork):
    """Commits on a clean exit; a recorded event is published if, and only if, it does."""

    units: UnitRepository
    templates: TemplateRepository
    rollouts: RolloutRepository

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, translate, SOURCE)

    def bind(self) -> None:
        self.units = SqlUnitRepository(self.session)
        self.templates = SqlTemplateRepository(self.session)
        self.rollouts = SqlRolloutRepository(self.session)
