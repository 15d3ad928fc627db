"""The rollout: one programme from preparation to after-care. Its state changes only by the `evolve`
of an event that happened; `version` counts accepted transitions."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from workflow_service.domain.journey.pauses import Hold
from workflow_service.domain.rollout.gate import EvaluatedGate
from workflow_service.domain.rollout.waves import PILOT_WAVE, Wave

Phase = Literal[
    "preparation", "pilot", "evaluation", "decision", "broad_introduction", "after_care"
]
Status = Literal["active", "paused", "completed", "stopped"]
DecisionOutcome = Literal["broad_introduction", "adjusted_pilot", "stop"]
MAX_UNITS = 7_000
"""Of a rollout: the events that list them all stay below the outbox's limit, whatever their ids."""
_CHANGES_KEPT = 20


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided about the rollout. The proposer does not approve it."""

    decision_id: UUID
    outcome: DecisionOutcome
    status: Literal["proposed", "approved", "rejected"]
    diary_number: str
    reasons: str
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    rejection: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An accepted transition, as far as a second administrator needs to see it."""

    version: int
    action: str


@dataclass(frozen=True, slots=True)
class Rollout:
    """A rollout. Units are not listed here: their journeys name them. `planned_at` is when the
    waves were planned last."""

    rollout_id: UUID
    name: str
    template_id: str
    template_version: int
    phase: Phase
    status: Status
    version: int
    waves: tuple[Wave, ...]
    gate: EvaluatedGate | None = None
    evaluate_again_at: datetime | None = None
    decision: Decision | None = None
    past_decisions: tuple[Decision, ...] = ()
    paused_units: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    pauses: tuple[Hold, ...] = ()
    planned_at: datetime | None = None

    @property
    def ended(self) -> bool:
        return self.status in ("completed", "stopped")

    def wave(self, number: int) -> Wave | None:
        return next((wave for wave in self.waves if wave.number == number), None)

    @property
    def later_waves(self) -> tuple[Wave, ...]:
        """The waves of the wide introduction, in order."""
        return tuple(wave for wave in self.waves if wave.number != PILOT_WAVE)

    @property
    def planned_waves(self) -> tuple[Wave, ...]:
        """Those of them that are still to start."""
        return tuple(wave for wave in self.later_waves if wave.status == "planned")

    @property
    def running_waves(self) -> tuple[int, ...]:
        return tuple(wave.number for wave in self.waves if wave.runs)

    def with_wave(self, number: int, **changes: Any) -> "Rollout":
        """The rollout with one wave changed."""
        waves = (replace(w, **changes) if w.number == number else w for w in self.waves)
        return replace(self, waves=tuple(waves))

    def accepted(self, action: str) -> "Rollout":
        """The rollout one version later."""
        version = self.version + 1
        changes = (*self.changes, Change(version, action))[-_CHANGES_KEPT:]
        return replace(self, version=version, changes=changes)


@dataclass(frozen=True, slots=True)
class RolloutCreated:
    """A rollout exists; nothing runs yet."""

    rollout_id: UUID
    name: str
    template_id: str
    template_version: int
    unit_ids: tuple[str, ...]


def create(
    rollout_id: UUID,
    name: str,
    template_id: str,
    template_version: int,
    unit_ids: tuple[str, ...],
    pilot_units: int,
) -> tuple[Rollout, RolloutCreated]:
    """A rollout of which nothing runs yet."""
    rollout = Rollout(
        rollout_id=rollout_id,
        name=name,
        template_id=template_id,
        template_version=template_version,
        phase="preparation",
        status="active",
        version=1,
        waves=(Wave(PILOT_WAVE, "planned", None, unit_count=pilot_units),),
        changes=(Change(1, "create"),),
    )
    return rollout, RolloutCreated(rollout_id, name, template_id, template_version, unit_ids)
