"""What a closed round brings to the results of its release."""

from dataclasses import dataclass, replace
from uuid import UUID

from assessment_service.domain.crowd import NOBODY, Crowd


@dataclass(frozen=True, slots=True)
class RoundAnswers:
    """A closed round: the unit as it was at opening, and those who answered.

    `published_recently`: about the same time, another rollout's release has shown a value about
    these people (publishing.py). Of units that are reported together, `parts` are the single
    rounds. `withheld`: its value must not be shown, nor follow from others (joined_units.py).
    """

    round_id: UUID
    unit_id: str
    path: tuple[str, ...]
    headcount: int
    crowd: Crowd
    published_recently: bool = False
    parts: tuple["RoundAnswers", ...] = ()
    withheld: bool = False

    @property
    def asked_units(self) -> tuple[str, ...]:
        """The units that were asked."""
        return tuple(part.unit_id for part in self.parts) or (self.unit_id,)

    @property
    def is_flooded(self) -> bool:
        """Whether more people answered than the unit can have: one may have come since the import.

        Then it is not known who they are.
        """
        if self.parts:
            return any(part.is_flooded for part in self.parts)
        return self.crowd.persons > self.headcount + 1

    @property
    def countable(self) -> Crowd:
        """Those who protect each other, never more than the unit has people: nobody else can know
        any of their answers."""
        if self.is_flooded or self.published_recently:
            return NOBODY
        return replace(self.crowd, persons=min(self.crowd.persons, self.headcount))
