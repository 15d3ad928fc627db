"""One transaction over everything that this service stores."""

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from content_service.adapters.articles import SqlArticles
from content_service.adapters.assignments import SqlAssignments
from content_service.adapters.inbox import SqlInbox
from content_service.adapters.modules import SqlModules
from content_service.adapters.outbound import translate
from content_service.adapters.practice import SqlPractice
from content_service.adapters.references import SqlReferences
from content_service.adapters.search import SqlSearch
from content_service.adapters.units import SqlUnits
from content_service.application import ports
from servicekit.db import SqlUnitOfWork

SOURCE = "/um-platform/content"


class ContentUnitOfWork(SqlUnitOfWork):
    """The port `UnitOfWork`."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, translate, SOURCE)

    def bind(self, connection: AsyncConnection) -> None:
        self.articles: ports.Articles = SqlArticles(connection)
        self.inbox: ports.Inbox = SqlInbox(connection)
        self.search: ports.Search = SqlSearch(connection)
        self.modules: ports.Modules = SqlModules(connection)
        self.assignments: ports.Assignments = SqlAssignments(connection)
        self.practice: ports.Practice = SqlPractice(connection)
        self.units: ports.Units = SqlUnits(connection)
        self.references: ports.References = SqlReferences(connection)

    async def path(self, unit_id: str) -> frozenset[str]:
        return await self.units.path(unit_id)
