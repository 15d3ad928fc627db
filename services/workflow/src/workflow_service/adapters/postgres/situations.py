"""Journeys with what is known around them: the unit's name, people, manager, and the evidence."""

from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.tables import EvidenceRow, JourneyRow
from workflow_service.adapters.postgres.unit_tables import UnitRow
from workflow_service.application.ports import JourneyFilter
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.turn import Evidence, Situation
from workflow_service.domain.rollout.gate import ReleasedRound, UnitEvidence
from workflow_service.domain.rollout.waves import PILOT_WAVE

_units = table(UnitRow)
_journeys = table(JourneyRow)
_evidence = table(EvidenceRow)
_journey = TypeAdapter(Journey)


async def situations_page(
    connection: AsyncConnection,
    rollout_id: UUID,
    wanted: JourneyFilter,
    offset: int = 0,
    limit: int | None = None,
) -> tuple[list[Situation], int]:
    """Some journeys by unit id, and how many match in all."""
    matching = [_journeys.c.rollout_id == rollout_id]
    if wanted.wave is not None:
        matching.append(_journeys.c.wave == wanted.wave)
    if wanted.status is not None:
        matching.append(_journeys.c.status == wanted.status)
    if wanted.unit_ids is not None:
        matching.append(_journeys.c.unit_id.in_(wanted.unit_ids))
    total = 0
    if limit is not None:
        count = select(func.count()).select_from(_journeys).where(*matching)
        total = (await connection.execute(count)).scalar_one()
    query = (
        select(_journeys, _units.c.name, _units.c.headcount, _units.c.manager_id)
        .join(_units, _units.c.unit_id == _journeys.c.unit_id)
        .where(*matching)
        .order_by(_journeys.c.unit_id)
        .offset(offset)
        .limit(limit)
    )
    rows = (await connection.execute(query)).all()
    evidence = await _first_evidence(connection, rollout_id, [row.unit_id for row in rows])
    found = [_situation(row, tuple(evidence.get(row.unit_id, ()))) for row in rows]
    return found, total if limit is not None else len(found)


def _situation(row: Row[Any], evidence: tuple[Evidence, ...]) -> Situation:
    journey = _journey.validate_python(dict(row._mapping))
    return Situation(journey, row.name, row.headcount, row.manager_id is not None, evidence)


async def _first_evidence(
    connection: AsyncConnection, rollout_id: UUID, unit_ids: list[str]
) -> dict[str, list[Evidence]]:
    columns = _evidence.c
    first = (
        select(columns.unit_id, columns.kind, columns.at, columns.traceparent)
        .where(columns.rollout_id == rollout_id, columns.unit_id.in_(unit_ids))
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
            ),
        )
        .where(_journeys.c.rollout_id == rollout_id, _journeys.c.wave == PILOT_WAVE)
        .order_by(_journeys.c.unit_id, _evidence.c.at, _evidence.c.reference)
    )
    by_unit: dict[tuple[str, bool], list[tuple[str | None, dict[str, Any]]]] = {}
    for row in await connection.execute(query):
        unit = (row.unit_id, row.status == "stopped")
        by_unit.setdefault(unit, []).append((row.kind, row.detail))
    return [_unit_evidence(*unit, found) for unit, found in by_unit.items()]


def _unit_evidence(
    unit_id: str, stopped: bool, found: list[tuple[str | None, dict[str, Any]]]
) -> UnitEvidence:
    kinds = [kind for kind, _ in found]

    def released(occasion: str) -> ReleasedRound | None:
        details = [detail for kind, detail in found if kind == f"{occasion}_released"]
        return (
            ReleasedRound(details[0]["participation"], details[0]["indices"]) if details else None
        )

    modules = (detail["module_id"] for kind, detail in found if kind == "module_completed")
    return UnitEvidence(
        unit_id=unit_id,
        stopped=stopped,
        meetings=kinds.count("meeting_held"),
        actions_chosen=kinds.count("action_chosen"),
        actions_checked_back=kinds.count("action_checked_back"),
        modules_completed=frozenset(modules),
        baseline=released("baseline"),
        follow_up=released("follow_up"),
    )
