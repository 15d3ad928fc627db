"""Pauses of a unit's journey and of its rollout. They hold the unit's open rounds together: as long
as either lasts, and where both overlap only once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Mark:
    """A unit's journey, or the whole rollout (`unit_id` is None), was paused or resumed."""

    rollout_id: UUID
    unit_id: str | None
    at: datetime
    paused: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which nothing advances; without an end if it lasts."""

    start: datetime
    end: datetime | None = None


def pauses_of(unit_id: str | None, marks: Iterable[Mark]) -> list[Pause]:
    """The unit's pauses in one rollout, in order and without overlap; without a unit, those of the
    whole rollout.

    The order of the marks does not matter, nor whether one is repeated.
    """
    own = [mark for mark in marks if mark.unit_id in (None, unit_id)]
    reasons: set[str | None] = set()
    found: list[Pause] = []
    # Paused and resumed at the same moment is a pause of no length, not one without an end.
    for mark in sorted(own, key=lambda mark: (mark.at, not mark.paused)):
        if mark.paused:
            if not reasons:
                found.append(Pause(mark.at))
            reasons.add(mark.unit_id)
        elif mark.unit_id in reasons:
            reasons.remove(mark.unit_id)
            if not reasons:
                found[-1] = Pause(found[-1].start, mark.at)
    return found


def unheard(reported: Iterable[Mark], marks: Collection[Mark]) -> list[Mark]:
    """Those of the reported marks, all of one rollout, that no event has reported yet.

    `reported` alternates between paused and resumed, for each unit and the rollout; `marks` are
    what is stored. An event is dated a moment after what it reports, and before what happens next.
    """
    missing = []
    following: dict[str | None, datetime] = {}
    for report in sorted(reported, key=lambda mark: (mark.at, not mark.paused), reverse=True):
        before = following.get(report.unit_id)
        following[report.unit_id] = report.at
        if not any(
            (mark.unit_id, mark.paused) == (report.unit_id, report.paused)
            and report.at <= mark.at
            and (before is None or mark.at < before)
            for mark in marks
        ):
            missing.append(report)
    return missing[::-1]
