"""Compares this service with assessment and content, after a restore to different times.

What one side knows and the other can be asked for again is asked for again; the rest is listed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from workflow_service.application.ports import ALL_JOURNEYS, Engine, OpenUnitOfWork, UnitOfWork
from workflow_service.domain.journey.journey import ROUND_STEPS, Occasion
from workflow_service.domain.journey.turn import Situation

_ON_ITS_WAY = timedelta(minutes=5)
"""So long an event may take before it counts as lost."""


@dataclass(frozen=True, slots=True)
class KnownRound:
    """A round as the assessment service has it."""

    round_id: UUID
    rollout_id: UUID
    unit_id: str
    occasion: Occasion
    status: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownAssignment:
    """A unit's module as the content service has it."""

    rollout_id: UUID
    unit_id: str
    module_id: str


class Others(Protocol):
    """What the other services know. Each raises PeerUnavailable."""

    async def rounds(self) -> Sequence[KnownRound]: ...

    async def assignments(self) -> Sequence[KnownAssignment]: ...


@dataclass(frozen=True, slots=True)
class Difference:
    """`missing`: the other service lacks it; `orphan`: only the other has it; `contradictory`: both
    have it, and differently. `todo` is what a person does; empty if it is asked for again."""

    kind: Literal["missing", "orphan", "contradictory"]
    subject: Literal["round", "modules", "evidence"]
    rollout_id: UUID
    unit_id: str
    todo: str = ""


async def reconcile(open_uow: OpenUnitOfWork, others: Others, engine: Engine) -> list[Difference]:
    """Ask again for what is missing, and return every difference.

    Raises PeerUnavailable or EngineUnavailable; the command may be given again.
    """
    async with open_uow() as uow:
        began = await uow.now()
    rounds, assignments = await others.rounds(), await others.assignments()
    async with open_uow() as uow:
        going = {state.rollout_id for state in await uow.rollouts.going()}
    named = {one.rollout_id for one in rounds} | {one.rollout_id for one in assignments}
    found: list[Difference] = []
    for rollout_id in sorted(going | named):
        of_rollout = _Known(
            [one for one in rounds if one.rollout_id == rollout_id],
            [one for one in assignments if one.rollout_id == rollout_id],
            began,
        )
        async with open_uow() as uow:
            differences, waves = await _of_rollout(rollout_id, of_rollout, uow)
        for wave in sorted(waves):
            await engine.nudge_wave(rollout_id, wave)
        found += differences
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What the others had of one rollout when the comparison `began`."""

    rounds: Sequence[KnownRound]
    assignments: Sequence[KnownAssignment]
    began: datetime

    def round(self, unit_id: str, occasion: Occasion) -> KnownRound | None:
        wanted = (unit_id, occasion)
        return next((r for r in self.rounds if (r.unit_id, r.occasion) == wanted), None)

    def has_modules(self, unit_id: str) -> bool:
        return any(one.unit_id == unit_id for one in self.assignments)


async def _of_rollout(
    rollout_id: UUID, known: _Known, uow: UnitOfWork
) -> tuple[list[Difference], set[int]]:
    """The differences, and the waves that have to ask again."""
    state = await uow.rollouts.lock(rollout_id)
    situations = await uow.rollouts.situations(rollout_id, ALL_JOURNEYS) if state else []
    found = [one for situation in situations for one in _of_journey(situation, known)]
    missing = {one.unit_id for one in found if one.kind == "missing" and not one.todo}
    lost = [one.journey for one in situations if one.journey.unit_id in missing]
    await uow.rollouts.save_journeys([journey.forgotten() for journey in lost])
    waves = {journey.wave for journey in lost if journey.wave is not None}
    return [*found, *_orphans(rollout_id, situations, known)], waves


def _of_journey(situation: Situation, known: _Known) -> Iterator[Difference]:
    journey = situation.journey
    place = (journey.rollout_id, journey.unit_id)
    evidence = {one.kind for one in situation.evidence}
    asked = journey.status == "active" and journey.asked_at and journey.asked_at < known.began
    for step, occasion in ROUND_STEPS.items():
        there, released = known.round(journey.unit_id, occasion), f"{occasion}_released" in evidence
        if there is None and released:
            todo = "its results are published, and assessment has lost it: nobody is asked again"
            yield Difference("contradictory", "round", *place, todo)
        elif there is None and asked and journey.step == step:
            yield Difference("missing", "round", *place)
        elif there and there.status == "open" and released:
            todo = f"its results are published: close round {there.round_id}, write it off"
            yield Difference("contradictory", "round", *place, todo)
        elif there and not released and _is_late(there, known):
            since = there.closed_at.date() if there.closed_at else ""
            todo = f"publish again: python -m assessment_service replay --since {since}"
            yield Difference("missing", "evidence", *place, todo)
    if asked and journey.step == "modules" and not known.has_modules(journey.unit_id):
        yield Difference("missing", "modules", *place)


def _is_late(there: KnownRound, known: _Known) -> bool:
    if there.status != "anonymised" or there.closed_at is None:
        return False
    return known.began - there.closed_at > _ON_ITS_WAY


def _orphans(
    rollout_id: UUID, situations: Sequence[Situation], known: _Known
) -> Iterator[Difference]:
    begun = {one.journey.unit_id: one.journey.begun for one in situations}
    for there in known.rounds:
        steps = [step for step, occasion in ROUND_STEPS.items() if occasion == there.occasion]
        if there.status == "open" and steps[0] not in begun.get(there.unit_id, ()):
            todo = f"no journey needs it: close round {there.round_id} if nobody does"
            yield Difference("orphan", "round", rollout_id, there.unit_id, todo)
    for unit_id in sorted({one.unit_id for one in known.assignments}):
        if "modules" not in begun.get(unit_id, ()):
            todo = "no journey has come so far: the unit has modules that it was not given now"
            yield Difference("orphan", "modules", rollout_id, unit_id, todo)
