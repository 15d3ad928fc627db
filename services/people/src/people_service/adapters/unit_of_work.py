"""The unit of work on PostgreSQL: one transaction with all the service's repositories."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts import Event
from people_service.adapters.accounts import SqlAccounts
from people_service.adapters.persons import SqlPersons
from people_service.adapters.queries import SqlQueries
from people_service.adapters.units import SqlUnits
from people_service.application import ports
from servicekit.db import SqlUnitOfWork

SOURCE = "/um-platform/people"


class PeopleUnitOfWork(SqlUnitOfWork):
    """One transaction over all tables of this service (the port `UnitOfWork`)."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, _publishes_nothing, SOURCE)

    def bind(self, connection: AsyncConnection) -> None:
        self.persons: ports.Persons = SqlPersons(connection)
        self.accounts: ports.Accounts = SqlAccounts(connection)
        self.units: ports.Units = SqlUnits(connection)
        self.queries: ports.Queries = SqlQueries(connection)


def _publishes_nothing(event: Any) -> Sequence[Event]:
    raise TypeError(f"this service publishes no events, but got {type(event).__name__}")
