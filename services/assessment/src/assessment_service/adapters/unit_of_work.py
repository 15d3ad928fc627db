"""The unit of work with its repositories, and those of units and instruments."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from assessment_service.adapters.answer_repository import SqlKeyDestructions, SqlKeyedSheets
from assessment_service.adapters.cell_repository import SqlCells
from assessment_service.adapters.documents import to_document, to_instrument
from assessment_service.adapters.outbound import translate
from assessment_service.adapters.round_repository import SqlReleases, SqlRounds
from assessment_service.adapters.tables import InstrumentRow, UnitRow
from assessment_service.application import ports
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.round import Unit
from servicekit.db import SqlUnitOfWork, table

SOURCE = "/um-platform/assessment"

_units = table(UnitRow)
_instruments = table(InstrumentRow)


class AssessmentUnitOfWork(SqlUnitOfWork):
    """One transaction over all tables of this service (the port `UnitOfWork`)."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, translate, SOURCE)

    def bind(self, connection: AsyncConnection) -> None:
        self.instruments: ports.Instruments = SqlInstruments(connection)
        self.units: ports.Units = SqlUnits(connection)
        self.releases: ports.Releases = SqlReleases(connection)
        self.rounds: ports.Rounds = SqlRounds(connection)
        self.keyed_sheets: ports.KeyedSheets = SqlKeyedSheets(connection)
        self.cells: ports.Cells = SqlCells(connection)
        self.key_destructions: ports.KeyDestructions = SqlKeyDestructions(connection)


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

    async def get(self, instrument_id: str, version: int) -> Instrument | None:
        document = await self._connection.scalar(
            select(_instruments.c.document).where(
                _instruments.c.instrument_id == instrument_id,
                _instruments.c.version == version,
            )
        )
        return to_instrument(instrument_id, version, document) if document else None


class SqlUnits:
    """The port `Units`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, unit: Unit) -> None:
        upsert = insert(_units).values(
            unit_id=unit.unit_id,
            parent_id=unit.parent_id,
            name=unit.name,
            headcount=unit.headcount,
            version=unit.version,
        )
        new = {c.name: upsert.excluded[c.name] for c in _units.c if not c.primary_key}
        await self._connection.execute(
            upsert.on_conflict_do_update(
                index_elements=["unit_id"],
                set_=new,
                where=_units.c.version < upsert.excluded.version,
            )
        )

    async def around(self, unit_ids: Collection[str]) -> list[Unit]:
        # `union` drops what was seen before, so a ring of units ends the recursion.
        upwards = (
            select(_units).where(_units.c.unit_id.in_(unit_ids)).cte("upwards", recursive=True)
        )
        upwards = upwards.union(select(_units).where(_units.c.unit_id == upwards.c.parent_id))
        below = select(_units).where(_units.c.parent_id.in_(unit_ids))
        rows = await self._connection.execute(select(upwards).union(below))
        return [Unit(**row._mapping) for row in rows]
