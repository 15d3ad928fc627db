"""A group of people who answered, as far as results and the rules of privacy need it: how many they
are, and how their scores are spread."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessment_service.domain.instrument import Behaviour
from assessment_service.domain.scoring import Group


@dataclass(frozen=True, slots=True)
class Crowd:
    """`persons` counts people, `scores` how many of them have each score of a behaviour.

    Adding two crowds joins them.
    """

    persons: int
    scores: Mapping[Behaviour, Group]

    def __add__(self, other: "Crowd") -> "Crowd":
        return union((self, other))


def union(crowds: Iterable[Crowd]) -> Crowd:
    """All of them together."""
    all_of_them = list(crowds)
    if len(all_of_them) == 1:
        return all_of_them[0]
    scores: dict[Behaviour, Group] = {}
    for crowd in all_of_them:
        for behaviour, group in crowd.scores.items():
            scores.setdefault(behaviour, Counter()).update(group)
    return Crowd(sum(crowd.persons for crowd in all_of_them), scores)


NOBODY = Crowd(0, {})
