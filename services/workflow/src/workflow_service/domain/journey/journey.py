"""One unit's journey: preparation > baseline > modules > follow_up > after_care.

Every change is a method that returns the journey one version on, or raises; nothing else may set
a step. The journey belongs to the unit: a new manager finds it as it is.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid5

from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.pauses import Hold, ended
from workflow_service.domain.template.template import STEPS, StepName

Status = Literal["waiting", "active", "paused", "completed", "stopped"]
ENDED: frozenset[Status] = frozenset(("completed", "stopped"))
# The smallest unit that may be named outside the region's own services (privacy floor).
NAMEABLE_HEADCOUNT = 7
Occasion = Literal["baseline", "follow_up"]
# Steps that begin with a command to another service, and the occasion of those with a round.
ROUND_STEPS: dict[StepName, Occasion] = {"baseline": "baseline", "follow_up": "follow_up"}
ASKING_STEPS = frozenset((*ROUND_STEPS, "modules"))
# The assessment service's refusals of a round that is too late for its release.
TOO_LATE = frozenset(("release-already-out", "release-takes-no-more"))


@dataclass(frozen=True, slots=True)
class Journey:
    """A unit's place in a rollout.

    `wave` is None until planned. `release_id` names the release its current round belongs to.
    `asked_at` is when the step's request was accepted by the other service; `pauses` are those of
    this step; `refused` is the code of
    its refusal, `refused_detail` its text.
    """

    rollout_id: UUID
    unit_id: str
    wave: int | None
    step: StepName = STEPS[0]
    status: Status = "waiting"
    step_started_at: datetime | None = None
    version: int = 1
    release_id: UUID | None = None
    asked_at: datetime | None = None
    refused: str | None = None
    refused_detail: str | None = None
    paused_reason: str | None = None
    after_care_on: tuple[date, ...] = ()
    pauses: tuple[Hold, ...] = ()

    @property
    def begun(self) -> tuple[StepName, ...]:
        """The steps that have begun."""
        if self.status == "waiting":
            return ()
        return STEPS[: STEPS.index(self.step) + 1]

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def unasked(self) -> bool:
        """Whether the step's command is still to be taken by the other service."""
        return self.status == "active" and self.step in ASKING_STEPS and self.asked_at is None

    def planned(self, wave: int | None) -> "Journey":
        return replace(self, wave=wave, version=self.version + 1)

    def started(self, at: datetime) -> "Journey":
        return replace(self, status="active", step_started_at=at, version=self.version + 1)

    def moved(self, move: "Move") -> "Journey":
        """The journey in its next step; completed when that is the last."""
        return replace(
            self,
            step=move.to_step,
            status="completed" if move.to_step == STEPS[-1] else "active",
            step_started_at=move.at,
            version=self.version + 1,
            release_id=move.release_id,
            asked_at=None,
            refused=None,
            refused_detail=None,
            after_care_on=move.after_care_on,
            pauses=(),
        )

    def asked(self, at: datetime) -> "Journey":
        return replace(
            self, asked_at=at, refused=None, refused_detail=None, version=self.version + 1
        )

    def forgotten(self) -> "Journey":
        """The other service does not know of the request any more: it is asked again."""
        return replace(self, asked_at=None, version=self.version + 1)

    def turned_down(self, code: str, detail: str) -> "Journey":
        """All that come too late for a release are together in the next one."""
        return replace(
            self,
            refused=code,
            refused_detail=detail,
            release_id=self._next_release() if code in TOO_LATE else self.release_id,
            version=self.version + 1,
        )

    def paused(self, reason: str, at: datetime) -> "Journey":
        """Raises DomainError `journey-not-active`."""
        if self.status != "active":
            raise DomainError(
                "journey-not-active",
                "conflict",
                f"The journey of {self.unit_id} is {self.status}; only an active one can be"
                " paused.",
            )
        return replace(
            self,
            status="paused",
            paused_reason=reason,
            pauses=(*self.pauses, Hold(at)),
            version=self.version + 1,
        )

    def resumed(self, at: datetime) -> "Journey":
        """Raises DomainError `journey-not-paused`."""
        if self.status != "paused":
            detail = f"The journey of {self.unit_id} is {self.status}, not paused."
            raise DomainError("journey-not-paused", "conflict", detail)
        return replace(
            self,
            status="active",
            paused_reason=None,
            pauses=ended(self.pauses, at),
            version=self.version + 1,
        )

    def _next_release(self) -> UUID | None:
        return self.release_id and uuid5(self.release_id, "next")

    def stopped(self) -> "Journey":
        """Raises DomainError `journey-ended`."""
        if self.ended:
            detail = f"The journey of {self.unit_id} is {self.status}: it cannot be stopped."
            raise DomainError("journey-ended", "conflict", detail)
        return replace(self, status="stopped", version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Move:
    """A journey's step to the next, planned from its version `version`."""

    unit_id: str
    version: int
    to_step: StepName
    at: datetime
    release_id: UUID | None = None
    after_care_on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class JourneyStarted:
    """The unit's journey begins."""

    rollout_id: UUID
    unit_id: str
    wave: int


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The unit entered a step."""

    rollout_id: UUID
    unit_id: str
    step: StepName
    nameable: bool


@dataclass(frozen=True, slots=True)
class JourneyPaused:
    """The unit is on hold."""

    rollout_id: UUID
    unit_id: str


@dataclass(frozen=True, slots=True)
class JourneyResumed:
    """The unit continues."""

    rollout_id: UUID
    unit_id: str


@dataclass(frozen=True, slots=True)
class JourneyCompleted:
    """The unit is through; it will be looked at again on these dates."""

    rollout_id: UUID
    unit_id: str
    after_care_on: tuple[date, ...]
    nameable: bool


@dataclass(frozen=True, slots=True)
class JourneyStopped:
    """The journey ended before its aim, alone or with its rollout."""

    rollout_id: UUID
    unit_id: str


def nameable(headcount: int) -> bool:
    """Whether a unit of this many people may be named to other systems."""
    return headcount >= NAMEABLE_HEADCOUNT


@dataclass(frozen=True, slots=True)
class JourneyStuck:
    """The unit cannot go on: another service refuses what the step begins with."""

    rollout_id: UUID
    unit_id: str
    step: StepName
    code: str


JourneyEvent = (
    JourneyStarted
    | StepStarted
    | JourneyPaused
    | JourneyResumed
    | JourneyCompleted
    | JourneyStopped
    | JourneyStuck
)


def moved(journey: Journey, move: Move, headcount: int) -> tuple[Journey, list[JourneyEvent]]:
    """The journey in its next step, and the events of that. `headcount` is the unit's people."""
    after, named = journey.moved(move), nameable(headcount)
    events: list[JourneyEvent] = [
        StepStarted(after.rollout_id, after.unit_id, after.step, named),
    ]
    if after.status == "completed":
        events.append(JourneyCompleted(after.rollout_id, after.unit_id, after.after_care_on, named))
    return after, events
