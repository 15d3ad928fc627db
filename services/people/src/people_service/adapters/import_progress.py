"""How far imports are, in PostgreSQL, so that any process can say it."""

import hashlib
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from people_service.adapters.tables import ImportProgressRow
from people_service.application.import_progress import ImportProgress, ImportStep
from servicekit.db import table

_progress = table(ImportProgressRow)
_KEPT = timedelta(days=1)


class SqlImportProgress:
    """The port `Progress`, in transactions of its own: the import's is not seen until it ends."""

    def __init__(self, engine: AsyncEngine, caller: str, key: str) -> None:
        """`key` is the request's Idempotency-Key. Only a digest of both is stored."""
        self._engine = engine
        self._request = hashlib.sha256(f"{len(caller)}|{caller}|{key}".encode()).digest()

    async def note(self, step: ImportStep, done: int = 0, total: int = 0) -> None:
        noted = {"step": step, "done": done, "total": total, "at": func.now()}
        statement = insert(_progress).values(request=self._request, **noted)
        async with self._engine.begin() as connection:
            await connection.execute(delete(_progress).where(_progress.c.at < func.now() - _KEPT))
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["request"], set_=noted)
            )

    async def end(self, step: ImportStep) -> None:
        """Note how it ended, beside what was stored."""
        this = update(_progress).where(_progress.c.request == self._request)
        async with self._engine.begin() as connection:
            await connection.execute(this.values(step=step, at=func.now()))

    async def read(self) -> ImportProgress | None:
        """None for a request that is not known."""
        this = select(_progress).where(_progress.c.request == self._request)
        async with self._engine.connect() as connection:
            row = (await connection.execute(this)).one_or_none()
        return ImportProgress(row.step, row.done, row.total, row.at) if row else None
