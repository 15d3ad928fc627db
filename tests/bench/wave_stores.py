"""Where the bench's waves are kept: in PostgreSQL by the service's own activities, or in memory.

Either way the other services are replaced: they accept every request, and the evidence that
follows from it is there when they have answered.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from servicekit.db import table
from workflow_service.adapters.postgres.tables import EvidenceRow, JourneyRow
from workflow_service.adapters.postgres.unit_of_work import WorkflowUnitOfWork
from workflow_service.application.ports import Transition
from workflow_service.application.template.handlers import register_template
from workflow_service.domain.journey.evidence import Evidence, EvidenceKind
from workflow_service.domain.journey.journey import Journey, moved
from workflow_service.domain.journey.turn import (
    AssignModules,
    OpenRounds,
    PeerRequest,
    Situation,
    WaveSnapshot,
)
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.rollout import rollout
from workflow_service.domain.template.document import template_of
from workflow_service.temporal.activities import Activities
from workflow_service.temporal.activity_stubs import Moves, WaveActivities, WaveInput
from workflow_service.temporal.engine import TemporalEngine

ROOT = Path(__file__).resolve().parents[2]
WAVE, PEOPLE = 1, 20
News = Callable[[UUID], Awaitable[None]]
_EVIDENCE, _JOURNEYS = table(EvidenceRow), table(JourneyRow)


def template() -> dict[str, Any]:
    """The demo's quickest template, without the least time of any step."""
    file = ROOT / "demo" / "data" / "template.compressed.json"
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for step in ("preparation", "modules"):
        document["steps"][step]["min_duration"] = "PT0S"
    return document


def what_follows(request: PeerRequest) -> list[EvidenceKind]:
    """The kinds of evidence that the other services' events bring after a request."""
    if isinstance(request, AssignModules):
        return ["meeting_held", "action_chosen"]
    if request.occasion == "baseline":
        return ["baseline_released"]
    return ["follow_up_released", "action_checked_back"]


class Store(Protocol):
    """What the bench needs of either store."""

    @property
    def activities(self) -> WaveActivities: ...

    async def add(self, rollout_id: UUID, unit_ids: Sequence[str]) -> None:
        """A rollout whose only wave is about to begin with these units."""

    async def unfinished(self) -> int:
        """Journeys that are not completed."""


class MemoryStore:
    """Waves in a dictionary, so that Temporal's part of the work is measured alone."""

    def __init__(self, news: News) -> None:
        self._news, self._template = news, template_of(template())
        self._waves: dict[UUID, WaveSnapshot] = {}

    @property
    def activities(self) -> WaveActivities:
        return self

    async def add(self, rollout_id: UUID, unit_ids: Sequence[str]) -> None:
        now = datetime.now(UTC)
        situations = [
            Situation(Journey(rollout_id, unit, WAVE).started(now), unit, PEOPLE, True)
            for unit in unit_ids
        ]
        self._waves[rollout_id] = WaveSnapshot(
            rollout_id, WAVE, "active", self._template, tuple(situations)
        )

    async def unfinished(self) -> int:
        return sum(not s.journey.ended for wave in self._waves.values() for s in wave.units)

    @activity.defn(name="read_wave")
    async def read_wave(self, wave: WaveInput) -> WaveSnapshot:
        return self._waves[wave.rollout_id]

    @activity.defn(name="record_moves")
    async def record_moves(self, moves: Moves) -> WaveSnapshot:
        by_unit = {move.unit_id: move for move in moves.moves}

        def after(situation: Situation) -> Situation:
            move = by_unit.get(situation.journey.unit_id)
            if move is None:
                return situation
            journey, _ = moved(situation.journey, move, PEOPLE)
            return replace(situation, journey=journey)

        return self._change(moves.rollout_id, after)

    @activity.defn(name="open_rounds")
    async def open_rounds(self, request: OpenRounds) -> None:
        await self._take(request)

    @activity.defn(name="assign_modules")
    async def assign_modules(self, request: AssignModules) -> None:
        await self._take(request)

    async def _take(self, request: PeerRequest) -> None:
        new = tuple(Evidence(kind, datetime.now(UTC)) for kind in what_follows(request))

        def after(situation: Situation) -> Situation:
            if situation.journey.unit_id not in request.unit_ids:
                return situation
            journey = situation.journey.asked(request.at)
            return replace(situation, journey=journey, evidence=situation.evidence + new)

        self._change(request.rollout_id, after)
        await self._news(request.rollout_id)

    def _change(self, rollout_id: UUID, after: Callable[[Situation], Situation]) -> WaveSnapshot:
        wave = self._waves[rollout_id]
        self._waves[rollout_id] = replace(wave, units=tuple(after(s) for s in wave.units))
        return self._waves[rollout_id]


class PostgresStore:
    """The service's tables and activities; outbox rows are written, too."""

    def __init__(self, engine: AsyncEngine, temporal: TemporalEngine, news: News) -> None:
        self._engine, self._news = engine, news
        self.activities = Activities(self._uow, self, temporal)

    def _uow(self) -> WorkflowUnitOfWork:
        return WorkflowUnitOfWork(self._engine)

    async def prepare(self, unit_ids: Sequence[str]) -> None:
        """The template, and units with a manager."""
        facts = [UnitFacts(unit, f"Sample {unit}", "unit", None, PEOPLE) for unit in unit_ids]
        async with self._uow() as uow:
            await register_template(template(), uow)
            await uow.units.save([Unit(each, 1) for each in facts])
            for each in facts:
                await uow.managements.keep(Management(each.unit_id, True, datetime.now(UTC), 1))

    async def add(self, rollout_id: UUID, unit_ids: Sequence[str]) -> None:
        now = datetime.now(UTC)
        template_id = template()["template_id"]
        state, _ = rollout.create(rollout_id, "Bench", template_id, 1, tuple(unit_ids), 0)
        journeys = [Journey(rollout_id, unit, WAVE).started(now) for unit in unit_ids]
        created = Transition(1, str(uuid4()), "create", "bench", now, None, {})
        async with self._uow() as uow:
            await uow.rollouts.add(state, journeys, created)

    async def unfinished(self) -> int:
        left = select(func.count()).where(_JOURNEYS.c.status != "completed")
        async with self._engine.connect() as connection:
            return int(await connection.scalar(left) or 0)

    async def open_rounds(self, request: OpenRounds, cause: str | None) -> None:
        """The port `Peers`."""
        await self._take(request)

    async def assign_modules(self, request: AssignModules, cause: str | None) -> None:
        """The port `Peers`."""
        await self._take(request)

    async def _take(self, request: PeerRequest) -> None:
        """As the consumer does with a batch of events: store the evidence, then hint."""
        shared = {
            "rollout_id": request.rollout_id,
            "at": datetime.now(UTC),
            "detail": {},
            "traceparent": None,
        }
        rows = [
            {**shared, "unit_id": unit_id, "kind": kind, "reference": uuid4()}
            for unit_id in request.unit_ids
            for kind in what_follows(request)
        ]
        async with self._engine.begin() as connection:
            await connection.execute(insert(_EVIDENCE), rows)
        await self._news(request.rollout_id)
