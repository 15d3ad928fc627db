"""A person's assignments, of which one can be chosen to be shown alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from servicekit.auth import EVERY_UNIT, Assignment


@dataclass(frozen=True, slots=True)
class Held:
    """`unit` is empty for the whole region, and for no unit. `in_place`: of somebody else."""

    role: str
    unit: str
    in_place: bool

    @property
    def key(self) -> str:
        """What a form sends and a session keeps."""
        return "/".join((self.role, self.unit, "in-place" if self.in_place else ""))


def held_of(assignment: Assignment) -> Held:
    unit = assignment.unit if assignment.unit != EVERY_UNIT else None
    return Held(assignment.role, unit or "", bool(assignment.standing_for))


def all_held(assignments: Iterable[Assignment]) -> list[Held]:
    """Each once, by role, unit and in whose place."""
    found = {held_of(one) for one in assignments}
    return sorted(found, key=lambda one: (one.role, one.unit, one.in_place))
