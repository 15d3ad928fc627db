"""Instruments in PostgreSQL: inserted once, then only read."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.instrument_documents import to_document, to_instrument
from assessment_service.adapters.tables import InstrumentRow
from assessment_service.application.ports import PageOf
from assessment_service.domain.instrument import Instrument
from servicekit.db import table

_instruments = table(InstrumentRow)


class SqlInstruments:
    """The port `Instruments`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, instrument: Instrument) -> bool:
        added = await self._connection.execute(
            insert(_instruments).on_conflict_do_nothing(),
            {
                "instrument_id": instrument.instrument_id,
                "version": instrument.version,
                "document": to_document(instrument),
            },
        )
        return added.rowcount == 1

    async def newest(self, instrument_id: str) -> int:
        versions = select(func.max(_instruments.c.version)).where(
            _instruments.c.instrument_id == instrument_id
        )
        return await self._connection.scalar(versions) or 0

    async def get(self, instrument_id: str, version: int) -> Instrument | None:
        document = await self._connection.scalar(
            select(_instruments.c.document).where(
                _instruments.c.instrument_id == instrument_id,
                _instruments.c.version == version,
            )
        )
        return to_instrument(instrument_id, version, document) if document else None

    async def page(self, instrument_id: str | None, page: PageOf) -> tuple[list[Instrument], int]:
        query = select(_instruments)
        if instrument_id is not None:
            query = query.where(_instruments.c.instrument_id == instrument_id)
        total = await self._connection.scalar(select(func.count()).select_from(query.subquery()))
        ordered = query.order_by(_instruments.c.instrument_id, _instruments.c.version.desc())
        rows = await self._connection.execute(ordered.offset(page.offset).limit(page.limit))
        found = [to_instrument(row.instrument_id, row.version, row.document) for row in rows]
        return found, total or 0
