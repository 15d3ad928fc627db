"""The unit of work on PostgreSQL: one transaction with all the service's repositories."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from people_service.adapters.accounts import SqlAccounts
from people_service.adapters.delegations import SqlDelegations
from people_service.adapters.erasures import SqlErasures
from people_service.adapters.failed_attempts import SqlFailedAttempts
from people_service.adapters.identities import SqlIdentities
from people_service.adapters.joiners import SqlJoiners
from people_service.adapters.managements import SqlManagements
from people_service.adapters.outbound import SOURCE, translate
from people_service.adapters.persons import SqlPersons
from people_service.adapters.queries import SqlQueries
from people_service.adapters.role_gifts import SqlRoleGifts
from people_service.adapters.scim_resources import SqlScimResources, SqlScimSearch
from people_service.adapters.sign_in_codes import SqlCodes, SqlRounds
from people_service.adapters.unit_tree import SqlEmployees, SqlUnitTree
from people_service.adapters.units import SqlUnits
from people_service.application import code_ports, erasure_ports, ports, scim_ports
from servicekit.db import SqlUnitOfWork


class PeopleUnitOfWork(SqlUnitOfWork):
    """One transaction over all tables of this service (the port `UnitOfWork`).

    `issuers_of_ids` are the providers whose subjects are the persons' ids.
    """

    def __init__(self, engine: AsyncEngine, issuers_of_ids: Collection[str] = ()) -> None:
        super().__init__(engine, translate, SOURCE)
        self._issuers_of_ids = issuers_of_ids

    def bind(self, connection: AsyncConnection) -> None:
        self.persons: ports.Persons = SqlPersons(connection)
        self.accounts: ports.Accounts = SqlAccounts(connection)
        self.delegations: ports.Delegations = SqlDelegations(connection)
        self.identities: ports.Identities = SqlIdentities(connection)
        self.units: ports.Units = SqlUnits(connection)
        self.role_gifts: ports.RoleGifts = SqlRoleGifts(connection)
        self.joiners: ports.Joiners = SqlJoiners(connection)
        self.managements: ports.Managements = SqlManagements(connection)
        self.queries: ports.Queries = SqlQueries(connection)
        self.scim: scim_ports.ScimResources = SqlScimResources(connection)
        self.scim_search: scim_ports.ScimSearch = SqlScimSearch(connection)
        self.rounds: code_ports.Rounds = SqlRounds(connection)
        self.codes: code_ports.Codes = SqlCodes(connection)
        self.failed_attempts: code_ports.FailedAttempts = SqlFailedAttempts(connection)
        self.unit_tree: code_ports.UnitTree = SqlUnitTree(connection)
        self.erasures: erasure_ports.Erasures = SqlErasures(connection, self._issuers_of_ids)
        self.employees: code_ports.Employees = SqlEmployees(connection)

    async def path(self, unit_id: str) -> frozenset[str]:
        return await self.unit_tree.path(unit_id)
