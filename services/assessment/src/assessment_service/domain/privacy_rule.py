"""Whether a group may stand behind a published value: enough people, and not all alike."""

from collections import Counter
from dataclasses import dataclass

from assessment_service.domain.crowd import Crowd
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.scoring import Group, category

FLOOR = 5
DEFAULT_K = 7
LEAST_POSSIBLE = 3
"""So many numbers of people who answered must stay possible for a unit."""

_LARGEST_SHARE_PERCENT = 90
_LEAST_DEVIATION = 5


@dataclass(frozen=True, slots=True)
class PrivacyRule:
    """The rule with its one parameter. No configuration can set `k` below 5."""

    k: int = DEFAULT_K

    def __post_init__(self) -> None:
        if self.k < FLOOR:
            raise ValueError(f"the minimum group size is {FLOOR}, not {self.k}")

    def may_be_shown(self, crowd: Crowd, asked: Instrument) -> bool:
        """Whether at least k people *answered* (not: were invited) and their scores differ.

        A result is shown completely or not at all: each behaviour must be safe by itself, because
        leaving one out would reveal that people agree. A single score may be missing: a behaviour
        needs the floor of 5 people, not k.
        """
        return crowd.persons >= self.k and is_varied(crowd, asked)


def is_varied(crowd: Crowd, asked: Instrument) -> bool:
    """Whether each behaviour has the floor of people and they differ, whoever of them is left out.

    If all are alike, the mean is everybody's answer; if all but one are, each of them knows that
    one's. True of the union of two crowds if it is true of both.
    """
    return all(
        crowd.scores[b].total() >= FLOOR and _differ(crowd.scores[b], asked.scale.steps)
        for b in asked.behaviours
    )


def _differ(group: Group, steps: int) -> bool:
    """With any one person left out, no more than 90 % are nearest to the same answer on the scale
    of `steps` steps, and the standard deviation is at least 5 of 100 points.

    Each holds for a union of groups if it holds for both: a share of a union lies between the
    shares, and the variance is at least the mean of the variances.
    """
    nearest: Counter[int] = Counter()
    for score, people in group.items():
        nearest[category(score, steps)] += people
    # Leaving out somebody who differs makes the largest share larger.
    if 100 * max(nearest.values()) > _LARGEST_SHARE_PERCENT * (group.total() - 1):
        return False
    # Leaving out the lowest or the highest makes the deviation smallest.
    people = group.total() - 1
    total = sum([score * count for score, count in group.items()])
    squares = sum([score * score * count for score, count in group.items()])
    return all(
        people * (squares - without**2) - (total - without) ** 2 >= (_LEAST_DEVIATION * people) ** 2
        for without in (min(group), max(group))
    )
