"""What becomes of assignments when a unit ends: they end with it, or go on in its successor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from people_service.domain.person import Assignment, Person, Source

_DAY = timedelta(days=1)
STORED_SOURCES: tuple[Source, ...] = ("import", "scim", "hand")
"""What somebody holds by a delegation follows from what the other holds: it is stored nowhere."""


@dataclass(frozen=True, slots=True)
class Dissolution:
    """`dissolved_on` is the first day without the unit."""

    unit_id: str
    dissolved_on: date
    successor_id: str | None


def followed(person: Person, dissolved: Mapping[str, Dissolution]) -> Person:
    """The person with the assignments that there are once these units have ended, by unit id.

    What was before stays. Doing it again changes nothing, and neither does an import of a file
    that does not know of it yet.
    """
    assignments = (each for one in person.assignments for each in _follow(one, dissolved))
    return replace(person, assignments=frozenset(assignments))


def _follow(one: Assignment, dissolved: Mapping[str, Dissolution]) -> Iterator[Assignment]:
    end = dissolved.get(one.unit_id)
    if end is None or one.source not in STORED_SOURCES:
        yield one
        return
    last = end.dissolved_on - _DAY
    if one.valid_to is not None and one.valid_to <= last:
        yield one
        return
    if one.valid_from is None or one.valid_from <= last:
        yield replace(one, valid_to=last)
    if end.successor_id is not None:
        first = max(one.valid_from or end.dissolved_on, end.dissolved_on)
        # Without this unit, so that a ring of successors ends.
        others = {unit_id: each for unit_id, each in dissolved.items() if unit_id != one.unit_id}
        yield from _follow(replace(one, unit_id=end.successor_id, valid_from=first), others)
