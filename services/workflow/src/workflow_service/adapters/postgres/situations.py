"""Journeys with what is known around them: the unit's name, people, manager, and the evidence."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, TypeAdapter
from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.among import among
from workflow_service.adapters.postgres.tables import (
    EvidenceRow,
    JourneyRow,
    ManagementRow,
    RoundTimeRow,
    UnitRow,
)
from workflow_service.application.ports import JourneyFilter, PageOf
from workflow_service.domain.journey.evidence import Evidence, EvidenceDetail
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.turn import Situation
from workflow_service.domain.rollout.gate import UnitEvidence
from workflow_service.domain.rollout.waves import PILOT_WAVE

_units = table(UnitRow)
_managements = table(ManagementRow)
_journeys = table(JourneyRow)
_evidence = table(EvidenceRow)
_round_times = table(RoundTimeRow)
_journey = TypeAdapter(Journey)
_details: TypeAdapter[EvidenceDetail] = TypeAdapter(
    Annotated[EvidenceDetail, Field(discriminator="kind")]
)


def matches(rollout_id: UUID, wanted: JourneyFilter) -> list[ColumnElement[bool]]:
    """The conditions on `journeys` that the filter means."""
    conditions = [_journeys.c.rollout_id == rollout_id]
    if wanted.wave is not None:
        conditions.append(_journeys.c.wave == wanted.wave)
    if wanted.status is not None:
        conditions.append(_journeys.c.status == wanted.status)
    if wanted.step is not None:
        conditions.append(_journeys.c.step == wanted.step)
    if wanted.text is not None:
        known = or_(
            _units.c.name.icontains(wanted.text, autoescape=True),
            _units.c.unit_id.icontains(wanted.text, autoescape=True),
        )
        conditions.append(_journeys.c.unit_id.in_(select(_units.c.unit_id).where(known)))
    if wanted.unit_ids is not None:
        conditions.append(among(_journeys.c.unit_id, wanted.unit_ids))
    return conditions


async def situations(
    connection: AsyncConnection,
    rollout_id: UUID,
    wanted: JourneyFilter,
    page: PageOf | None = None,
) -> list[Situation]:
    """Journeys by unit id: one page of them, or all."""
    query = (
        select(
            _journeys,
            _units.c.name,
            _units.c.headcount,
            _managements.c.has_manager,
            _round_times.c.closes_at,
        )
        .join(_units, _units.c.unit_id == _journeys.c.unit_id)
        .outerjoin(_managements, _managements.c.unit_id == _journeys.c.unit_id)
        .outerjoin(
            _round_times,
            and_(
                _round_times.c.rollout_id == _journeys.c.rollout_id,
                _round_times.c.unit_id == _journeys.c.unit_id,
                _round_times.c.occasion == _journeys.c.step,
            ),
        )
        .where(*matches(rollout_id, wanted))
        .order_by(_journeys.c.unit_id)
    )
    if page is not None:
        query = query.offset(page.offset).limit(page.limit)
    rows = (await connection.execute(query)).all()
    evidence = await _first_evidence(connection, rollout_id, [row.unit_id for row in rows])
    return [_situation(row, tuple(evidence.get(row.unit_id, ()))) for row in rows]


def _situation(row: Row[Any], evidence: tuple[Evidence, ...]) -> Situation:
    journey = _journey.validate_python(dict(row._mapping))
    return Situation(
        *(journey, row.name, row.headcount, row.has_manager is True, evidence),
        round_closes_at=row.closes_at,
    )


async def _first_evidence(
    connection: AsyncConnection, rollout_id: UUID, unit_ids: list[str]
) -> dict[str, list[Evidence]]:
    columns = _evidence.c
    first = (
        select(columns.unit_id, columns.kind, columns.at, columns.traceparent)
        .where(
            columns.rollout_id == rollout_id,
            among(columns.unit_id, unit_ids),
            columns.withdrawn_at.is_(None),
        )
        .ext(distinct_on(columns.unit_id, columns.kind))
        .order_by(columns.unit_id, columns.kind, columns.at)
    )
    found: dict[str, list[Evidence]] = {}
    for row in await connection.execute(first):
        found.setdefault(row.unit_id, []).append(Evidence(row.kind, row.at, row.traceparent))
    return found


async def pilot_evidence(connection: AsyncConnection, rollout_id: UUID) -> list[UnitEvidence]:
    """What each pilot unit did, by unit id. Released aggregates only: no answer is known here."""
    query = (
        select(_journeys.c.unit_id, _journeys.c.status, _evidence.c.kind, _evidence.c.detail)
        .outerjoin(
            _evidence,
            and_(
                _evidence.c.rollout_id == _journeys.c.rollout_id,
                _evidence.c.unit_id == _journeys.c.unit_id,
                _evidence.c.withdrawn_at.is_(None),
            ),
        )
        .where(_journeys.c.rollout_id == rollout_id, _journeys.c.wave == PILOT_WAVE)
        .order_by(_journeys.c.unit_id, _evidence.c.at, _evidence.c.reference)
    )
    by_unit: dict[tuple[str, bool], list[EvidenceDetail]] = {}
    for row in await connection.execute(query):
        details = by_unit.setdefault((row.unit_id, row.status == "stopped"), [])
        if row.kind is not None:
            details.append(_details.validate_python({"kind": row.kind, **row.detail}))
    return [
        UnitEvidence.of(unit_id, details, stopped=stopped)
        for (unit_id, stopped), details in by_unit.items()
    ]


def detail_document(detail: EvidenceDetail) -> dict[str, Any]:
    """As it is stored beside its kind."""
    document: dict[str, Any] = _details.dump_python(detail, mode="json")
    del document["kind"]
    return document
