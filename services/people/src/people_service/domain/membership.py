"""Who belongs to a unit, and so gets what the unit gets."""

from dataclasses import dataclass
from datetime import date

from people_service.domain.person import Person
from people_service.domain.roles import RoleName

MEMBERS: tuple[RoleName, ...] = ("employee", "manager", "deputy")
"""Those whom a message to a unit is for."""


@dataclass(frozen=True, slots=True)
class MembersJoined:
    """Somebody belongs to the unit who did not before. Says neither who nor how many."""

    unit_id: str


def joined_units(before: Person | None, after: Person, day: date) -> set[str]:
    """The units that the person belongs to on a day, and did not before."""
    return _units(after, day) - (_units(before, day) if before else set())


def _units(person: Person, day: date) -> set[str]:
    return {one.unit_id for one in person.assignments if one.role in MEMBERS and one.holds_on(day)}
