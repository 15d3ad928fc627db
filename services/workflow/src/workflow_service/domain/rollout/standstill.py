"""Pausing, resuming and stopping: of one unit, or of the whole rollout."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey import journey as j
from workflow_service.domain.journey.journey import Journey, Status
from workflow_service.domain.journey.pauses import Hold, ended
from workflow_service.domain.rollout.evaluation import weighed_again
from workflow_service.domain.rollout.parameters import ReasonText, UnitId
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.transition import (
    Command,
    Effects,
    Events,
    Facts,
    Member,
    Needs,
    Reason,
    RolloutEvent,
)
from workflow_service.domain.rollout.wave_steps import after_pause


@dataclass(frozen=True, slots=True)
class UnitPaused(RolloutEvent):
    """One unit is on hold."""

    rollout_id: UUID
    unit_id: str
    wave: int
    reason: str
    at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        return replace(state, paused_units=(*state.paused_units, self.unit_id))

    def effects(self, members: Mapping[str, Member]) -> Effects:
        paused = members[self.unit_id].journey.paused(self.reason, self.at)
        return [paused], [j.JourneyPaused(self.rollout_id, self.unit_id)]

    def waves_to_nudge(self, state: Rollout) -> tuple[int, ...]:
        return (self.wave,)


@dataclass(frozen=True, slots=True)
class UnitResumed(RolloutEvent):
    """The unit continues."""

    rollout_id: UUID
    unit_id: str
    wave: int
    at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        return _without(state, self.unit_id)

    def effects(self, members: Mapping[str, Member]) -> Effects:
        resumed = members[self.unit_id].journey.resumed(self.at)
        return [resumed], [j.JourneyResumed(self.rollout_id, self.unit_id)]

    def waves_to_nudge(self, state: Rollout) -> tuple[int, ...]:
        return (self.wave,)


@dataclass(frozen=True, slots=True)
class UnitStopped(RolloutEvent):
    """The unit's journey ended before its aim. `wave` is None if none was planned for it."""

    rollout_id: UUID
    unit_id: str
    wave: int | None

    def evolve(self, state: Rollout) -> Rollout:
        waves = (w.without_one() if w.number == self.wave else w for w in state.waves)
        return replace(_without(state, self.unit_id), waves=tuple(waves))

    def effects(self, members: Mapping[str, Member]) -> Effects:
        return _stopped([members[self.unit_id].journey])

    def waves_to_nudge(self, state: Rollout) -> tuple[int, ...]:
        return tuple(wave for wave in state.running_waves if wave == self.wave)


@dataclass(frozen=True, slots=True)
class RolloutPaused(RolloutEvent):
    """Nothing advances, and every clock is held."""

    rollout_id: UUID
    at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        return replace(state, status="paused", pauses=(*state.pauses, Hold(self.at)))

    def waves_to_nudge(self, state: Rollout) -> tuple[int, ...]:
        return state.running_waves


@dataclass(frozen=True, slots=True)
class RolloutResumed(RolloutEvent):
    """The rollout advances again. What lay ahead lies ahead by as much as before the pause."""

    rollout_id: UUID
    at: datetime

    def evolve(self, state: Rollout) -> Rollout:
        again = state.evaluate_again_at
        since = state.pauses[-1].since if state.pauses else self.at
        return replace(
            state,
            status="active",
            pauses=ended(state.pauses, self.at),
            evaluate_again_at=again and max(again, again + (self.at - since)),
        )

    def waves_to_nudge(self, state: Rollout) -> tuple[int, ...]:
        return state.running_waves


@dataclass(frozen=True, slots=True)
class RolloutStopped(RolloutEvent):
    """The rollout ended before its aim."""

    rollout_id: UUID

    def evolve(self, state: Rollout) -> Rollout:
        waves = tuple(
            wave if wave.status == "completed" else replace(wave, status="stopped")
            for wave in state.waves
        )
        return replace(state, status="stopped", waves=waves)

    def effects(self, members: Mapping[str, Member]) -> Effects:
        journeys = (member.journey for member in members.values())
        return _stopped(journey for journey in journeys if not journey.ended)

    def waves_to_nudge(self, state: Rollout) -> tuple[int, ...]:
        return tuple(wave.number for wave in state.waves if wave.status == "stopped")


def _without(state: Rollout, unit_id: str) -> Rollout:
    return replace(state, paused_units=tuple(u for u in state.paused_units if u != unit_id))


def _stopped(going: Iterable[Journey]) -> Effects:
    """A journey that never started ends silently: nobody has heard of it."""
    journeys = list(going)
    events: list[j.JourneyEvent] = [
        j.JourneyStopped(each.rollout_id, each.unit_id) for each in journeys if each.step_started_at
    ]
    return [each.stopped() for each in journeys], events


def _journey(facts: Facts, unit_id: str) -> Journey:
    if member := facts.members.get(unit_id):
        return member.journey
    detail = f"{unit_id[:70]!r} is not a unit of this rollout."
    raise DomainError("unit-not-in-rollout", "conflict", detail)


@dataclass(frozen=True, slots=True)
class PauseUnit(Command):
    """Put one unit on hold."""

    unit_id: UnitId
    reason: ReasonText
    action: Literal["pause_unit"] = "pause_unit"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        if state.running_waves:
            return None
        return Reason("no-wave-running", "No unit's journey is under way.")

    @classmethod
    def why_for_none(cls, journeys: Collection[Status]) -> Reason | None:
        if "active" in journeys:
            return None
        return Reason("no-unit-active", "Every unit whose wave runs is paused or through.")

    def why_not_this(self, state: Rollout) -> Reason | None:
        if self.unit_id in state.paused_units:
            return Reason("unit-paused", f"{self.unit_id} is paused already.")
        return None

    def needs(self, state: Rollout) -> Needs:
        return Needs(unit_ids=(self.unit_id,))

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        journey = _journey(facts, self.unit_id).paused(self.reason, now)
        wave = journey.wave or 0
        return (UnitPaused(state.rollout_id, journey.unit_id, wave, self.reason, now),)


@dataclass(frozen=True, slots=True)
class ResumeUnit(Command):
    """Let a paused unit continue."""

    unit_id: UnitId
    reason: ReasonText
    action: Literal["resume_unit"] = "resume_unit"

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        return None if state.paused_units else Reason("no-unit-paused", "No unit is paused.")

    def why_not_this(self, state: Rollout) -> Reason | None:
        if self.unit_id not in state.paused_units:
            return Reason("unit-not-paused", f"{self.unit_id} is not paused.")
        return None

    def needs(self, state: Rollout) -> Needs:
        return Needs(unit_ids=(self.unit_id,))

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        journey = _journey(facts, self.unit_id).resumed(now)
        return (UnitResumed(state.rollout_id, journey.unit_id, journey.wave or 0, now),)


@dataclass(frozen=True, slots=True)
class StopUnit(Command):
    """End one unit's journey before its aim. It cannot be resumed.

    For a unit that is dissolved, or that can never finish: pilot, gate and waves go on without it.
    Possible while the rollout is paused, too.
    """

    unit_id: UnitId
    reason: ReasonText
    action: Literal["stop_unit"] = "stop_unit"
    while_paused: ClassVar[bool] = True

    def needs(self, state: Rollout) -> Needs:
        return Needs(unit_ids=(self.unit_id,))

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        journey = _journey(facts, self.unit_id).stopped()
        return (UnitStopped(state.rollout_id, journey.unit_id, journey.wave),)


@dataclass(frozen=True, slots=True)
class Pause(Command):
    """Put the whole rollout on hold.

    No step is taken and no request goes to another service until it is resumed. Meanwhile waves can
    be planned, prerequisites recorded and units stopped; nothing starts because of it.
    """

    reason: ReasonText
    action: Literal["pause"] = "pause"

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (RolloutPaused(state.rollout_id, now),)


@dataclass(frozen=True, slots=True)
class Resume(Command):
    """Let a paused rollout continue. A pilot under evaluation is weighed again: its evidence may
    have been corrected meanwhile."""

    reason: ReasonText
    action: Literal["resume"] = "resume"
    while_paused: ClassVar[bool] = True

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        if state.status == "paused":
            return None
        return Reason("rollout-not-paused", "The rollout is not paused.")

    def needs(self, state: Rollout) -> Needs:
        return Needs(pilot_evidence=state.phase == "evaluation")

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        resumed = RolloutResumed(state.rollout_id, now)
        weighed = weighed_again(state, facts, now) if state.phase == "evaluation" else ()
        return (resumed, *after_pause(state, now), *weighed)


@dataclass(frozen=True, slots=True)
class Stop(Command):
    """End the rollout before its aim. It cannot be resumed."""

    reason: ReasonText
    action: Literal["stop"] = "stop"
    while_paused: ClassVar[bool] = True

    def needs(self, state: Rollout) -> Needs:
        return Needs(every_unit=True)

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        return (RolloutStopped(state.rollout_id),)
