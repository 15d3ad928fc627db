"""Answers as releasing reads and writes them. How they come in is sheet_store.py's business."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment_service.adapters.tables import (
    FrozenAnswerRow,
    KeyDestructionRow,
    KeyedSheetRow,
    RoundRow,
    table,
)

_keyed = table(KeyedSheetRow)
_frozen = table(FrozenAnswerRow)
_rounds = table(RoundRow)
_destructions = table(KeyDestructionRow)


class SqlKeyedSheets:
    """The port `KeyedSheets`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_round(self, round_id: UUID) -> list[tuple[bytes, bytes]]:
        connection = await self._session.connection()
        rows = await connection.execute(
            select(_keyed.c.participation_key, _keyed.c.sealed).where(_keyed.c.round_id == round_id)
        )
        return [(row.participation_key, row.sealed) for row in rows]

    async def drop(self, round_id: UUID) -> None:
        connection = await self._session.connection()
        await connection.execute(delete(_keyed).where(_keyed.c.round_id == round_id))


class SqlFrozenAnswers:
    """The port `FrozenAnswers`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, round_id: UUID, sheets: Sequence[tuple[UUID, bytes]]) -> None:
        connection = await self._session.connection()
        await connection.execute(
            insert(_frozen),
            [
                {"answer_id": answer_id, "round_id": round_id, "encoded": encoded}
                for answer_id, encoded in sheets
            ],
        )

    async def of_release(self, release_id: UUID) -> Mapping[UUID, list[bytes]]:
        connection = await self._session.connection()
        rows = await connection.execute(
            select(_frozen.c.round_id, _frozen.c.encoded)
            .join_from(_frozen, _rounds, _frozen.c.round_id == _rounds.c.round_id)
            .where(_rounds.c.release_id == release_id)
        )
        found: dict[UUID, list[bytes]] = {}
        for row in rows:
            found.setdefault(row.round_id, []).append(row.encoded)
        return found


class SqlKeyDestructions:
    """The port `KeyDestructions`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, round_id: UUID, at: datetime) -> None:
        connection = await self._session.connection()
        await connection.execute(
            insert(_destructions).values(round_id=round_id, destroyed_on=at.date())
        )
