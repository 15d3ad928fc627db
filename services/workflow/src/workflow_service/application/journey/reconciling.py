"""Compares journeys with assessment's rounds and what content knows of units' work.

What one side knows and the other can be asked for again is asked for again; the rest is listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from workflow_service.application.ports import (
    ALL_JOURNEYS,
    Difference,
    Engine,
    NewEvidence,
    OpenUnitOfWork,
    PeerRefused,
    Peers,
    UnitOfWork,
)
from workflow_service.application.template.handlers import get_template
from workflow_service.domain.journey.evidence import PRACTICE, EvidenceDetail, ModuleCompleted
from workflow_service.domain.journey.journey import ROUND_STEPS, Journey, Occasion
from workflow_service.domain.journey.turn import AssignModules, Situation

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

    assignment_id: UUID
    rollout_id: UUID
    unit_id: str
    module_id: str
    completed: bool = False

    @property
    def as_evidence(self) -> "Practice":
        return Practice(self.assignment_id, ModuleCompleted(self.module_id))


@dataclass(frozen=True, slots=True)
class Practice:
    """A meeting or an action of a unit, as the content service has it: what it is evidence of."""

    reference: UUID
    detail: EvidenceDetail


class Others(Protocol):
    """What the other services know of journeys. Each raises PeerUnavailable."""

    async def rounds(self) -> Sequence[KnownRound]: ...

    async def assignments(self) -> Sequence[KnownAssignment]: ...

    async def practice(self, rollout_id: UUID, unit_id: str) -> Sequence[Practice]:
        """The unit's meetings and actions that count."""


async def reconcile_journeys(
    open_uow: OpenUnitOfWork, others: Others, engine: Engine, peers: Peers
) -> list[Difference]:
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
        given = [one for one in assignments if one.rollout_id == rollout_id]
        of_rollout = _Known(
            [one for one in rounds if one.rollout_id == rollout_id],
            given,
            await _practice(rollout_id, given, open_uow, others) if rollout_id in going else {},
            began,
        )
        async with open_uow() as uow:
            differences, waves, to_give = await _of_rollout(rollout_id, of_rollout, uow)
        for wave in sorted(waves):
            await engine.nudge_wave(rollout_id, wave)
        refused = {one.unit_ids[0]: await _refusal(one, peers) for one in to_give}
        found += [_refused(one, refused) for one in differences]
    return found


async def _practice(
    rollout_id: UUID, given: Sequence[KnownAssignment], open_uow: OpenUnitOfWork, others: Others
) -> dict[str, list[Practice]]:
    """What each unit did that has modules, or is under way and did something as is known here."""
    async with open_uow() as uow:
        journeys = await uow.rollouts.journeys(rollout_id)
        going = {unit_id for unit_id, one in journeys.items() if not one.ended}
        did = await uow.rollouts.references_of_evidence(rollout_id)
    units = {unit for unit, kind, _ in did if kind in PRACTICE and unit in going}
    found: dict[str, list[Practice]] = {}
    for unit_id in sorted(units | {one.unit_id for one in given}):
        found[unit_id] = list(await others.practice(rollout_id, unit_id))
    for one in given:
        if one.completed:
            found[one.unit_id].append(one.as_evidence)
    return found


async def _refusal(request: AssignModules, peers: Peers) -> str:
    """Ask for the modules of a unit whose journey has left that step: no wave does. The refusal's
    code, or ""."""
    try:
        await peers.assign_modules(request, None)
    except PeerRefused as refusal:
        return refusal.code
    return ""


def _refused(one: Difference, refused: Mapping[str, str]) -> Difference:
    code = refused.get(one.unit_id or "") if one.kind == "missing" else ""
    if one.subject != "modules" or not code:
        return one
    return replace(one, what=code, code="modules-refused")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the others had of one rollout when the comparison `began`.

    `did`: by unit, of those that were asked about while the rollout goes on.
    """

    rounds: Sequence[KnownRound]
    assignments: Sequence[KnownAssignment]
    did: Mapping[str, Sequence[Practice]]
    began: datetime

    def round(self, unit_id: str, occasion: Occasion) -> KnownRound | None:
        wanted = (unit_id, occasion)
        return next((r for r in self.rounds if (r.unit_id, r.occasion) == wanted), None)

    def has_modules(self, unit_id: str) -> bool:
        return any(one.unit_id == unit_id for one in self.assignments)


async def _of_rollout(
    rollout_id: UUID, known: _Known, uow: UnitOfWork
) -> tuple[list[Difference], set[int], list[AssignModules]]:
    """The differences, the waves that have to ask again, and what no wave asks for any more."""
    state = await uow.rollouts.lock(rollout_id)
    situations = await uow.rollouts.situations(rollout_id, ALL_JOURNEYS) if state else []
    found = [one for situation in situations for one in _of_journey(situation, known)]
    later = {
        one.journey.unit_id
        for one in situations
        if one.journey.step == "follow_up" and _lacks_modules(one.journey, known)
    }
    missing = {
        one.unit_id
        for one in found
        if (one.kind, one.code) == ("missing", "")
        and not (one.subject == "modules" and one.unit_id in later)
    }
    lost = [one.journey for one in situations if one.journey.unit_id in missing]
    await uow.rollouts.save_journeys([journey.forgotten() for journey in lost])
    heard = await _store_lost_evidence(rollout_id, known, uow) if state else []
    again = missing | {one.unit_id for one in heard}
    journeys = [one.journey for one in situations if one.journey.unit_id in again]
    waves = {journey.wave for journey in journeys if journey.wave is not None}
    to_give: list[AssignModules] = []
    if state and later:
        stored = await get_template(state.template_id, state.template_version, uow)
        modules = stored.template.steps.modules.module_ids
        to_give = [AssignModules(rollout_id, modules, (u,), known.began) for u in sorted(later)]
    return [*found, *heard, *_orphans(rollout_id, situations, known)], waves, to_give


async def _store_lost_evidence(
    rollout_id: UUID, known: _Known, uow: UnitOfWork
) -> list[Difference]:
    """What content knows that units did, and this service has not heard of."""
    heard_of = await uow.rollouts.references_of_evidence(rollout_id)
    found = []
    for unit_id, one in ((unit_id, one) for unit_id, did in known.did.items() for one in did):
        if (unit_id, one.detail.kind, one.reference) in heard_of:
            continue
        new = NewEvidence(rollout_id, unit_id, one.reference, known.began, one.detail)
        if await uow.rollouts.add_evidence(new):
            place = (rollout_id, unit_id, one.detail.kind)
            found.append(Difference("missing", "evidence", *place))
    return found


def _of_journey(situation: Situation, known: _Known) -> Iterator[Difference]:
    journey = situation.journey
    place = (journey.rollout_id, journey.unit_id)
    evidence = {one.kind for one in situation.evidence}
    asked = journey.status == "active" and journey.asked_at and journey.asked_at < known.began
    for step, occasion in ROUND_STEPS.items():
        there, released = known.round(journey.unit_id, occasion), f"{occasion}_released" in evidence
        if there is None and released:
            yield Difference("contradictory", "round", *place, occasion, "round-lost")
        elif there is None and asked and journey.step == step:
            yield Difference("missing", "round", *place, occasion)
        elif there and there.status == "open" and released:
            what = str(there.round_id)
            yield Difference("contradictory", "round", *place, what, "round-open-again")
        elif there and not released and _is_late(there, known):
            since = str(there.closed_at.date()) if there.closed_at else ""
            yield Difference("missing", "evidence", *place, since, "results-not-heard")
    yield from _lost_practice(situation, known)
    if _lacks_modules(journey, known):
        yield Difference("missing", "modules", *place)


def _lacks_modules(journey: Journey, known: _Known) -> bool:
    """Whether it was given modules, needs them still, and content has none."""
    given = {"modules": journey.asked_at, "follow_up": journey.step_started_at}.get(journey.step)
    if journey.ended or given is None or given >= known.began:
        return False
    return not known.has_modules(journey.unit_id)


def _lost_practice(situation: Situation, known: _Known) -> Iterator[Difference]:
    """What counts here and content has not, nor anything of the kind: until it is done again."""
    journey = situation.journey
    if journey.unit_id not in known.did:
        return
    there = {one.detail.kind for one in known.did[journey.unit_id]}
    here = {one.kind for one in situation.evidence if one.at < known.began}
    for kind in sorted(here & PRACTICE - there):
        place = (journey.rollout_id, journey.unit_id)
        yield Difference("orphan", "evidence", *place, kind, "practice-lost")


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
            what = str(there.round_id)
            yield Difference("orphan", "round", rollout_id, there.unit_id, what, "round-not-needed")
    for unit_id in sorted({one.unit_id for one in known.assignments}):
        if "modules" not in begun.get(unit_id, ()):
            yield Difference("orphan", "modules", rollout_id, unit_id, code="modules-not-given")
