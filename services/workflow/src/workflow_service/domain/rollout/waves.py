"""Waves: which units start together, and when at the earliest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil
from typing import Literal

from workflow_service.domain.duration import Duration
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.pauses import Hold, held
from workflow_service.domain.template.template import Order

PILOT_WAVE = 0
PrerequisiteKind = Literal["risk_assessment", "joint_consultation"]
# AFS 2023:1 (risk assessment before a change at work) and MBL 11 and 19 §§ or the local
# collaboration agreement. Which they are is code, not template data: nobody configures them away.
LEGAL_PREREQUISITES: tuple[PrerequisiteKind, ...] = ("risk_assessment", "joint_consultation")
MAX_WAVES = 500
"""Of a timetable: its event stays below the outbox's limit."""
_LONGEST_TIMETABLE = Duration(10 * 12, timedelta())
WaveStatus = Literal["planned", "running", "verified", "completed", "stopped"]


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Where the evidence of a legal prerequisite is kept. A correction of an earlier record has a
    reason."""

    kind: PrerequisiteKind
    reference: str
    recorded_on: date
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave of a rollout; number 0 is the pilot. Its units are known by their journeys;
    `unit_count` is how many were planned for it, `stopped_units` how many of them were stopped
    since. One whose units were all stopped before its start is stopped."""

    number: int
    status: WaveStatus
    planned_start: datetime | None
    prerequisites: tuple[Prerequisite, ...] = ()
    unit_count: int = 0
    started_at: datetime | None = None
    stopped_units: int = 0

    def next_start(self, gap: Duration, pauses: Iterable[Hold], now: datetime) -> datetime:
        """When the wave after this one may start: `gap` after this one's real start, if it has
        started, plus what the rollout's pauses held, and never in the past."""
        start = self.started_at or now
        return max(gap.after(start) + held(pauses, start, now), now)

    @property
    def runs(self) -> bool:
        return self.status in ("running", "verified")

    @property
    def has_started(self) -> bool:
        return self.runs or self.status == "completed"

    def without_one(self) -> "Wave":
        """The wave after one of its units was stopped. The pilot starts even if none is left: its
        gate says so."""
        left = replace(self, stopped_units=self.stopped_units + 1)
        empty = left.stopped_units == left.unit_count
        if empty and self.status == "planned" and self.number != PILOT_WAVE:
            return replace(left, status="stopped")
        return left

    @property
    def missing(self) -> tuple[PrerequisiteKind, ...]:
        """The legal prerequisites not yet recorded."""
        recorded = {prerequisite.kind for prerequisite in self.prerequisites}
        return tuple(kind for kind in LEGAL_PREREQUISITES if kind not in recorded)


@dataclass(frozen=True, slots=True)
class PlannedWave:
    """A wave on the timetable."""

    number: int
    planned_start: datetime
    unit_ids: tuple[str, ...]


def plan_waves(
    headcounts: Mapping[str, int],
    size: int,
    order: Order,
    gap: Duration,
    first_start: datetime,
    first_number: int = 1,
) -> tuple[PlannedWave, ...]:
    """Cut units into waves of at most `size`, each planned `gap` after the one before.

    `headcounts` maps unit ids to people. Order `headcount` takes the largest units first.

    Raises DomainError `timetable-too-long` or `too-many-waves`.
    """
    count = ceil(len(headcounts) / size)
    if count > MAX_WAVES:
        detail = f"{count} waves are too many: a timetable has {MAX_WAVES}. Plan larger waves."
        raise DomainError("too-many-waves", "conflict", detail)
    if order == "headcount":
        ordered = sorted(headcounts, key=lambda unit_id: (-headcounts[unit_id], unit_id))
    else:
        ordered = sorted(headcounts)
    waves, start = [], first_start
    latest = _LONGEST_TIMETABLE.after(first_start)
    for number, first in enumerate(range(0, len(ordered), size), start=first_number):
        if start > latest:
            detail = (
                f"Wave {number} would start in {start.year}. A timetable is ten years at most: plan"
                " larger waves, or begin a rollout from a template with a shorter gap."
            )
            raise DomainError("timetable-too-long", "conflict", detail)
        waves.append(PlannedWave(number, start, tuple(ordered[first : first + size])))
        start = gap.after(start)
    return tuple(waves)
