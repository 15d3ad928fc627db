"""Roles for the whole region that nobody known has given, in PostgreSQL."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.tables import RoleGiftRow
from people_service.domain.roles import RoleName
from servicekit.db import table

_gifts = table(RoleGiftRow)


class SqlRoleGifts:
    """The port `RoleGifts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def record(self, roles: Collection[tuple[str, RoleName]], account_id: UUID) -> None:
        if not roles:
            return
        statement = insert(_gifts)
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["person_id", "role"],
                set_={"account_id": statement.excluded.account_id},
            ),
            [
                {"person_id": person_id, "role": role, "account_id": account_id}
                for person_id, role in roles
            ],
        )

    async def confirm(self, roles: Collection[tuple[str, RoleName]]) -> None:
        if not roles:
            return
        await self._connection.execute(
            delete(_gifts).where(
                _gifts.c.person_id == bindparam("who"), _gifts.c.role == bindparam("what")
            ),
            [{"who": person_id, "what": role} for person_id, role in sorted(roles)],
        )

    async def unconfirmed(self) -> set[tuple[str, RoleName]]:
        rows = await self._connection.execute(select(_gifts.c.person_id, _gifts.c.role))
        return {(row.person_id, row.role) for row in rows}
