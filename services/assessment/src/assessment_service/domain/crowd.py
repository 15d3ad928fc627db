"""A group of people who answered, as far as the rules of privacy need it: how many they are, and
how their scores are spread."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessment_service.domain.instrument import Behaviour
from assessment_service.domain.scoring import Group, Profile, group_of


@dataclass(frozen=True, slots=True)
class Crowd:
    """`persons` counts people, `scores` how many of them have each score of a behaviour.

    Adding two crowds joins them.
    """

    persons: int
    scores: Mapping[Behaviour, Group]

    @classmethod
    def of(
        cls, profiles: Sequence[Profile], behaviours: Sequence[Behaviour], headcount: int
    ) -> "Crowd":
        """Those of one unit who answered, never counted as more people than the unit has."""
        persons = min(len(profiles), headcount)
        return cls(persons, {b: group_of(profiles, b) for b in behaviours})

    def __add__(self, other: "Crowd") -> "Crowd":
        behaviours = self.scores.keys() | other.scores.keys()
        none: Group = Counter()
        return Crowd(
            self.persons + other.persons,
            {b: self.scores.get(b, none) + other.scores.get(b, none) for b in behaviours},
        )


NOBODY = Crowd(0, {})
