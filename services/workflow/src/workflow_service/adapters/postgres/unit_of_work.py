"""One transaction over everything this service stores."""

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from servicekit.db import SqlUnitOfWork
from workflow_service.adapters.outbound import SOURCE, translate
from workflow_service.adapters.postgres.boards import SqlBoards
from workflow_service.adapters.postgres.differences import SqlDifferences
from workflow_service.adapters.postgres.managements import SqlManagements
from workflow_service.adapters.postgres.references import SqlReferences
from workflow_service.adapters.postgres.rollouts import SqlRollouts
from workflow_service.adapters.postgres.templates import SqlTemplates
from workflow_service.adapters.postgres.unit_changes import SqlUnitChanges
from workflow_service.adapters.postgres.units import SqlUnits
from workflow_service.application.ports import (
    Boards,
    Differences,
    Managements,
    References,
    Rollouts,
    Templates,
    UnitChanges,
    Units,
)


class WorkflowUnitOfWork(SqlUnitOfWork):
    """Commits on a clean exit; a recorded event is published if, and only if, it does."""

    units: Units
    managements: Managements
    unit_changes: UnitChanges
    templates: Templates
    rollouts: Rollouts
    boards: Boards
    references: References
    differences: Differences

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, translate, SOURCE)

    def bind(self, connection: AsyncConnection) -> None:
        self.units = SqlUnits(connection)
        self.managements = SqlManagements(connection)
        self.unit_changes = SqlUnitChanges(connection)
        self.templates = SqlTemplates(connection)
        self.rollouts = SqlRollouts(connection)
        self.boards = SqlBoards(connection)
        self.references = SqlReferences(connection)
        self.differences = SqlDifferences(connection)
