"""Which results may be shown: only values that reveal nothing about fewer than k people.

Published values of a tree can be subtracted from each other: a unit's parent minus its siblings is
the unit. Everything that can be derived in this way is a union of *residual atoms*: a published
unit minus its highest published descendants. So every atom must be safe, not only every published
unit ("complement suppression"; for a pure tree this is exact). A minimum group size alone leaks:
with k = 5 and totals, 9 of 25 small cells were recoverable.

An atom of units where nobody answered is as unsafe as one with few people: if it were allowed, a
shown parent would reveal of each person there that he or she did not take part.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assessment_service.domain.instrument import Instrument
from assessment_service.domain.scoring import Group, Profile, category, group_of
from assessment_service.domain.unit_tree import UnitTree

FLOOR = 5
DEFAULT_K = 7
_LARGEST_SHARE_PERCENT = 90
_LEAST_DEVIATION = 5

People = Sequence[Profile]
"""Those who answered."""

Safe = Callable[[People], bool]
"""Whether a result about these people may be shown. If true of two groups, true of their union."""


@dataclass(frozen=True, slots=True)
class PrivacyRule:
    """The rule with its one parameter. No configuration can set `k` below 5."""

    k: int = DEFAULT_K

    def __post_init__(self) -> None:
        if self.k < FLOOR:
            raise ValueError(f"the minimum group size is {FLOOR}, not {self.k}")

    def may_be_shown(self, people: People, asked: Instrument) -> bool:
        """Whether at least k people *answered* (not: were invited) and their scores differ.

        A result is shown completely or not at all: each behaviour must be safe by itself, because
        fewer people may have answered it, and leaving one out would reveal that they did, or that
        they agree.
        """
        return len(people) >= self.k and all(
            self._enough_and_different(group_of(people, behaviour), asked.scale.steps)
            for behaviour in asked.behaviours
        )

    def _enough_and_different(self, group: Group, steps: int) -> bool:
        """Enough people whose scores differ: if all are alike, the mean is everybody's answer.

        No more than 90 % may be nearest to the same answer on the scale of `steps` steps, and the
        standard deviation must be at least 5 of 100 points. Both hold for a union of groups if
        they hold for each: a share of a union lies between the shares, and the variance is at
        least the mean of the variances.
        """
        return (
            group.total() >= self.k
            and _largest_share_at_most(group, steps, _LARGEST_SHARE_PERCENT)
            and _variance_at_least(group, _LEAST_DEVIATION**2)
        )


def publishable(tree: UnitTree, answers: Mapping[str, People], safe: Safe) -> frozenset[str]:
    """The units whose value may be published, so that every residual atom is safe.

    `answers` maps each unit that was asked to its own people who answered, which may be none; a
    unit's value covers the unit and all units below it. Leaves come first: a unit that is too small
    hides its parent rather than its siblings, because units work with their own results. Hidden
    people count again in the parent, where they may become safe together with others.
    """
    asked = {above for unit_id in answers for above in tree.path(unit_id)}
    shown: set[str] = set()
    hidden_below: dict[str | None, list[Profile]] = {}
    for unit_id in tree.bottom_up():
        if unit_id not in asked:
            continue
        atom = hidden_below.pop(unit_id, None)
        if unit_id in answers:
            atom = [*(atom or []), *answers[unit_id]]
        if atom is None or safe(atom):  # None: every unit below that was asked is shown
            shown.add(unit_id)
        else:
            hidden_below.setdefault(tree.parent(unit_id), []).extend(atom)
    return frozenset(shown)


def _largest_share_at_most(group: Group, steps: int, percent: int) -> bool:
    nearest: Counter[int] = Counter()
    for score, people in group.items():
        nearest[category(score, steps)] += people
    return 100 * max(nearest.values()) <= percent * group.total()


def _variance_at_least(group: Group, least: int) -> bool:
    people = group.total()
    total = sum(score * count for score, count in group.items())
    squares = sum(score**2 * count for score, count in group.items())
    return people * squares - total**2 >= least * people**2
