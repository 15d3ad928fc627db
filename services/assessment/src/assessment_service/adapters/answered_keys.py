"""Which participation keys have a sheet, in PostgreSQL."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_MISSING = text("""
    select key from unnest(cast(:keys as bytea[])) as key
    except
    select participation_key from keyed_sheets where release_id = :release_id
""")


class SqlAnsweredKeys:
    """The port `AnsweredKeys`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def missing(self, release_id: UUID, keys: Collection[bytes]) -> set[bytes]:
        asked = {"keys": list(keys), "release_id": release_id}
        return set((await self._connection.execute(_MISSING, asked)).scalars())
