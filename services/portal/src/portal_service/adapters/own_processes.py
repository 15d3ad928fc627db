"""The portal's own processes, as its database has them."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from servicekit import operation


class SqlOwnProcesses:
    """The port `OwnProcesses`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def look(self) -> dict[str, Any]:
        async with self._engine.connect() as connection:
            found = await operation.look(connection, ["web"])
        return found.model_dump(mode="json")
