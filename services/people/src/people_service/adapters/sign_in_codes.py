"""Rounds and their one-time codes, in PostgreSQL."""

from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.code_tables import RoundRow, SignInCodeRow
from people_service.application.code_ports import Code, Round
from servicekit.db import table

_rounds = table(RoundRow)
_codes = table(SignInCodeRow)


class SqlRounds:
    """The port `Rounds`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remember(self, round_: Round) -> None:
        statement = insert(_rounds).values(asdict(round_))
        new = statement.excluded
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["round_id"],
                set_={one: new[one] for one in ("closes_at", "is_open", "as_of")},
                where=_rounds.c.is_open & ((_rounds.c.as_of < new.as_of) | ~new.is_open),
            )
        )

    async def locked(self, round_id: UUID) -> Round | None:
        found = select(_rounds).where(_rounds.c.round_id == round_id).with_for_update()
        row = (await self._connection.execute(found)).one_or_none()
        return Round(**row._mapping) if row else None


class SqlCodes:
    """The port `Codes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, codes: Collection[Code]) -> None:
        # PostgreSQL keeps the order in which rows come, and letters are printed by name.
        rows = [asdict(one) for one in sorted(codes, key=lambda one: one.digest)]
        if rows:
            await self._connection.execute(insert(_codes), rows)

    async def count(self, round_id: UUID) -> int:
        counted = select(func.count()).where(_codes.c.round_id == round_id)
        return (await self._connection.execute(counted)).scalar_one()

    async def find(self, digest: bytes) -> tuple[Code, Round] | None:
        found = select(_codes.c.subject, _rounds).join_from(_codes, _rounds)
        row = (await self._connection.execute(found.where(_codes.c.digest == digest))).one_or_none()
        if row is None:
            return None
        of_round = {name: value for name, value in row._mapping.items() if name != "subject"}
        return Code(digest, row.round_id, row.subject), Round(**of_round)

    async def forget(self, round_id: UUID) -> None:
        await self._connection.execute(delete(_codes).where(_codes.c.round_id == round_id))
