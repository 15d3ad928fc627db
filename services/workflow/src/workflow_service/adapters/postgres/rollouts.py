"""Rollouts, transitions, journeys and evidence in PostgreSQL: the port `Rollouts`.

Whoever changes a rollout or its journeys holds the row lock that `lock` takes, so no journey moves
behind a pause, and an aggregate's events enter the outbox in the order of their commits.
"""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.among import among
from workflow_service.adapters.postgres.situations import (
    detail_document,
    matches,
    pilot_evidence,
    situations,
)
from workflow_service.adapters.postgres.tables import (
    EvidenceRow,
    JourneyRow,
    RolloutRow,
    RoundTimeRow,
    TransitionRow,
    UnitRow,
)
from workflow_service.application.ports import (
    ALL_JOURNEYS,
    JourneyFilter,
    NewEvidence,
    PageOf,
    Transition,
)
from workflow_service.domain.journey.journey import ENDED, Journey, Status
from workflow_service.domain.journey.pauses import Hold
from workflow_service.domain.journey.progress import WaveProgress
from workflow_service.domain.journey.turn import Situation
from workflow_service.domain.rollout.gate import UnitEvidence
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.transition import Member

_rollouts = table(RolloutRow)
_transitions = table(TransitionRow)
_journeys = table(JourneyRow)
_evidence = table(EvidenceRow)
_units = table(UnitRow)
_round_times = table(RoundTimeRow)
_states = TypeAdapter(Rollout)
_journey = TypeAdapter(Journey)
_details = TypeAdapter(dict[str, Any])
_pauses = TypeAdapter(tuple[Hold, ...])
_JOURNEY_KEY = ("rollout_id", "unit_id")
_EVIDENCE_KEY = ("rollout_id", "unit_id", "kind", "reference")
_JOURNEY_FIELDS = [field.name for field in fields(Journey) if field.name not in _JOURNEY_KEY]
_UPDATE_JOURNEY = (
    update(_journeys)
    .where(
        _journeys.c.rollout_id == bindparam("at_rollout_id"),
        _journeys.c.unit_id == bindparam("at_unit_id"),
    )
    .values({name: bindparam(name) for name in _JOURNEY_FIELDS})
)


class SqlRollouts:
    """The port `Rollouts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, state: Rollout, journeys: Sequence[Journey], transition: Transition
    ) -> None:
        row = {**_rollout_row(state), "created_at": transition.at}
        await self._execute(insert(_rollouts).values(row))
        await self._execute(insert(_transitions).values(_transition_row(state, transition)))
        rows = [
            {**_journey_values(j), "rollout_id": j.rollout_id, "unit_id": j.unit_id}
            for j in journeys
        ]
        await self._execute(insert(_journeys), rows)

    async def get(self, rollout_id: UUID) -> Rollout | None:
        return await self._one(rollout_id, lock=False)

    async def lock(self, rollout_id: UUID) -> Rollout | None:
        return await self._one(rollout_id, lock=True)

    async def _one(self, rollout_id: UUID, *, lock: bool) -> Rollout | None:
        query = select(_rollouts.c.state).where(_rollouts.c.rollout_id == rollout_id)
        row = (await self._execute(query.with_for_update() if lock else query)).one_or_none()
        return _states.validate_python(row.state) if row else None

    async def save(self, state: Rollout, transition: Transition) -> None:
        mine = _rollouts.c.rollout_id == state.rollout_id
        await self._execute(update(_rollouts).where(mine).values(_rollout_row(state)))
        await self._execute(insert(_transitions).values(_transition_row(state, transition)))

    async def is_known(self, rollout_id: UUID, request_id: str) -> bool:
        known = select(_transitions.c.version).where(
            _transitions.c.rollout_id == rollout_id, _transitions.c.request_id == request_id
        )
        return (await self._execute(known)).one_or_none() is not None

    async def page(self, page: PageOf) -> tuple[list[Rollout], int]:
        return await self._page(true(), page)

    async def public(self, page: PageOf) -> tuple[list[Rollout], int]:
        return await self._page(_rollouts.c.phase != "preparation", page)

    async def _page(self, wanted: ColumnElement[bool], page: PageOf) -> tuple[list[Rollout], int]:
        count = select(func.count()).select_from(_rollouts).where(wanted)
        total = (await self._execute(count)).scalar_one()
        newest = (
            select(_rollouts.c.state)
            .where(wanted)
            .order_by(_rollouts.c.created_at.desc(), _rollouts.c.rollout_id)
        )
        rows = await self._execute(newest.offset(page.offset).limit(page.limit))
        return [_states.validate_python(row.state) for row in rows], total

    async def going(self) -> list[Rollout]:
        rows = await self._execute(
            select(_rollouts.c.state).where(_rollouts.c.status.in_(["active", "paused"]))
        )
        return [_states.validate_python(row.state) for row in rows]

    async def transitions(self, rollout_id: UUID, page: PageOf) -> tuple[list[Transition], int]:
        mine = _transitions.c.rollout_id == rollout_id
        count = select(func.count()).select_from(_transitions).where(mine)
        total = (await self._execute(count)).scalar_one()
        newest = select(_transitions).where(mine).order_by(_transitions.c.version.desc())
        rows = await self._execute(newest.offset(page.offset).limit(page.limit))
        return [_transition(row) for row in rows], total

    async def journeys(
        self, rollout_id: UUID, wanted: JourneyFilter = ALL_JOURNEYS
    ) -> dict[str, Journey]:
        matching = select(_journeys).where(*matches(rollout_id, wanted))
        rows = await self._execute(matching.order_by(_journeys.c.unit_id))
        return {row.unit_id: _journey.validate_python(dict(row._mapping)) for row in rows}

    async def members(
        self, rollout_id: UUID, wanted: JourneyFilter = ALL_JOURNEYS
    ) -> dict[str, Member]:
        joined = select(_journeys, _units.c.headcount).join(
            _units, _units.c.unit_id == _journeys.c.unit_id
        )
        matching = joined.where(*matches(rollout_id, wanted)).order_by(_journeys.c.unit_id)
        return {
            row.unit_id: Member(_journey.validate_python(dict(row._mapping)), row.headcount)
            for row in await self._execute(matching)
        }

    async def progress(self, rollout_id: UUID, waves: Collection[int]) -> dict[int, WaveProgress]:
        counts: dict[int, dict[tuple[Status, str], int]] = {wave: {} for wave in waves}
        of_waves = _counted(rollout_id, _journeys.c.wave).where(_journeys.c.wave.in_(waves))
        for row in await self._execute(of_waves):
            counts[row.wave][row.status, row.step] = row.units
        return {wave: WaveProgress(of_wave) for wave, of_wave in counts.items()}

    async def progress_of_all(self, rollout_id: UUID) -> WaveProgress:
        rows = await self._execute(_counted(rollout_id))
        return WaveProgress({(row.status, row.step): row.units for row in rows})

    async def stuck(
        self, page: PageOf, unit_ids: Collection[str] | None = None
    ) -> tuple[list[Journey], int]:
        refused = (
            select(_journeys)
            .join(_rollouts, _rollouts.c.rollout_id == _journeys.c.rollout_id)
            .where(
                _rollouts.c.status.in_(["active", "paused"]),
                _journeys.c.status == "active",
                _journeys.c.refused.is_not(None),
            )
        )
        if unit_ids is not None:
            refused = refused.where(among(_journeys.c.unit_id, unit_ids))
        total = select(func.count()).select_from(refused.subquery())
        ordered = refused.order_by(_journeys.c.rollout_id, _journeys.c.unit_id)
        rows = await self._execute(ordered.offset(page.offset).limit(page.limit))
        found = [_journey.validate_python(dict(row._mapping)) for row in rows]
        return found, (await self._execute(total)).scalar_one()

    async def journeys_under_way(self, unit_ids: Collection[str]) -> list[Journey]:
        going = (
            select(_journeys)
            .join(_rollouts, _rollouts.c.rollout_id == _journeys.c.rollout_id)
            .where(
                among(_journeys.c.unit_id, unit_ids),
                _journeys.c.status.not_in(ENDED),
                _rollouts.c.status.in_(["active", "paused"]),
            )
            .order_by(_journeys.c.rollout_id, _journeys.c.unit_id)
        )
        rows = await self._execute(going)
        return [_journey.validate_python(dict(row._mapping)) for row in rows]

    async def journeys_of(self, unit_id: str) -> list[tuple[Rollout, Journey]]:
        query = (
            select(_journeys, _rollouts.c.state)
            .join(_rollouts, _rollouts.c.rollout_id == _journeys.c.rollout_id)
            .where(_journeys.c.unit_id == unit_id)
            .order_by(_rollouts.c.created_at.desc(), _rollouts.c.rollout_id)
        )
        return [
            (
                _states.validate_python(row.state),
                _journey.validate_python(dict(row._mapping)),
            )
            for row in await self._execute(query)
        ]

    async def open_rounds(self, unit_ids: Collection[str], at: datetime) -> list[tuple[UUID, str]]:
        columns = _round_times.c
        later = select(columns.rollout_id, columns.unit_id).where(
            among(columns.unit_id, unit_ids), columns.closes_at > at
        )
        rows = await self._execute(later.order_by(columns.rollout_id, columns.unit_id))
        return [(row.rollout_id, row.unit_id) for row in rows]

    async def units_under_way(self) -> frozenset[str]:
        going = select(_journeys.c.unit_id).where(_journeys.c.status.not_in(ENDED)).distinct()
        return frozenset((await self._execute(going)).scalars())

    async def under_way_elsewhere(
        self, rollout_id: UUID, unit_ids: Collection[str]
    ) -> dict[str, UUID]:
        columns = _journeys.c
        started = select(columns.unit_id, columns.rollout_id).where(
            among(columns.unit_id, unit_ids),
            columns.rollout_id != rollout_id,
            columns.step_started_at.is_not(None),
            columns.status.not_in(ENDED),
        )
        return {row.unit_id: row.rollout_id for row in await self._execute(started)}

    async def save_journeys(self, journeys: Sequence[Journey]) -> None:
        if journeys:
            rows = [
                {
                    **_journey_values(journey),
                    "at_rollout_id": journey.rollout_id,
                    "at_unit_id": journey.unit_id,
                }
                for journey in journeys
            ]
            await self._execute(_UPDATE_JOURNEY, rows)

    async def situations(self, rollout_id: UUID, wanted: JourneyFilter) -> list[Situation]:
        return await situations(self._connection, rollout_id, wanted)

    async def situations_page(
        self, rollout_id: UUID, wanted: JourneyFilter, page: PageOf
    ) -> tuple[list[Situation], int]:
        count = select(func.count()).select_from(_journeys).where(*matches(rollout_id, wanted))
        total = (await self._execute(count)).scalar_one()
        return await situations(self._connection, rollout_id, wanted, page), total

    async def pilot_evidence(self, rollout_id: UUID) -> list[UnitEvidence]:
        return await pilot_evidence(self._connection, rollout_id)

    async def references_of_evidence(self, rollout_id: UUID) -> frozenset[tuple[str, str, UUID]]:
        columns = _evidence.c
        found = select(columns.unit_id, columns.kind, columns.reference)
        rows = await self._execute(found.where(columns.rollout_id == rollout_id))
        return frozenset((row.unit_id, row.kind, row.reference) for row in rows)

    async def add_evidence(self, new: NewEvidence) -> bool:
        place = {"rollout_id": new.rollout_id, "unit_id": new.unit_id}
        known = select(_journeys.c.version).filter_by(**place)
        if (await self._execute(known)).one_or_none() is None:
            return False
        row = {
            **place,
            "kind": new.detail.kind,
            "reference": new.reference,
            "at": new.at,
            "detail": detail_document(new.detail),
            "traceparent": new.traceparent,
        }
        noted = upsert(_evidence).values(row)
        again = {name: noted.excluded[name] for name in ("at", "detail", "traceparent")}
        withdrawn_at = _evidence.c.withdrawn_at
        still = case((withdrawn_at >= noted.excluded.at, withdrawn_at), else_=None)
        await self._execute(
            noted.on_conflict_do_update(
                index_elements=_EVIDENCE_KEY,
                set_={**again, "withdrawn_at": still},
                where=_evidence.c.at < noted.excluded.at,
            )
        )
        return True

    async def withdraw_evidence(
        self, rollout_id: UUID, unit_id: str, kind: str, reference: UUID, at: datetime
    ) -> None:
        withdrawn = select(
            *(_journeys.c.rollout_id, _journeys.c.unit_id, literal(kind), literal(reference)),
            *(literal(at), literal({}, JSONB), literal(at)),
        ).filter_by(rollout_id=rollout_id, unit_id=unit_id)
        await self._execute(
            upsert(_evidence)
            .from_select([*_EVIDENCE_KEY, "at", "detail", "withdrawn_at"], withdrawn)
            .on_conflict_do_update(
                index_elements=_EVIDENCE_KEY,
                set_={"withdrawn_at": func.greatest(_evidence.c.withdrawn_at, at)},
                where=_evidence.c.at <= at,
            )
        )

    async def note_round(
        self, rollout_id: UUID, unit_id: str, occasion: str, closes_at: datetime, at: datetime
    ) -> None:
        row = {
            "rollout_id": rollout_id,
            "unit_id": unit_id,
            "occasion": occasion,
            "closes_at": closes_at,
            "published_at": at,
        }
        noted = upsert(_round_times).values(row)
        await self._execute(
            noted.on_conflict_do_update(
                index_elements=["rollout_id", "unit_id", "occasion"],
                set_={"closes_at": closes_at, "published_at": at},
                where=_round_times.c.published_at < at,
            )
        )

    async def _execute(self, statement: Any, parameters: Any = None) -> Any:
        return await self._connection.execute(statement, parameters)


def _counted(rollout_id: UUID, *by: Any) -> Select[Any]:
    """The rollout's journeys, counted by status and step, and perhaps more."""
    place = (*by, _journeys.c.status, _journeys.c.step)
    counted = select(*place, func.count().label("units")).group_by(*place)
    return counted.where(_journeys.c.rollout_id == rollout_id)


def _rollout_row(state: Rollout) -> dict[str, Any]:
    columns = {n: getattr(state, n) for n in ("rollout_id", "name", "phase", "status", "version")}
    return {**columns, "state": _states.dump_python(state, mode="json")}


def _transition_row(state: Rollout, transition: Transition) -> dict[str, Any]:
    row = {field.name: getattr(transition, field.name) for field in fields(Transition)}
    detail = _details.dump_python(dict(transition.detail), mode="json")
    return {**row, "rollout_id": state.rollout_id, "detail": detail}


def _transition(row: Row[Any]) -> Transition:
    return Transition(**{field.name: getattr(row, field.name) for field in fields(Transition)})


def _journey_values(journey: Journey) -> dict[str, Any]:
    values = {name: getattr(journey, name) for name in _JOURNEY_FIELDS}
    return {
        **values,
        "after_care_on": [day.isoformat() for day in journey.after_care_on],
        "pauses": _pauses.dump_python(journey.pauses, mode="json"),
    }
