"""Which results may be told. Published are only values that tell nothing about fewer than k people.

Published values of a tree can be subtracted from each other: a unit's parent minus its siblings is
the unit. Everything that can be derived so is a union of *residual atoms*: a published unit minus
its highest published descendants. So every atom must be safe, not only every published unit
("complement suppression"; for a pure tree this is exact, an atom for an atom). A minimum group
size alone leaks: with k = 5 and totals, 9 of 25 small cells were recoverable.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from assessment_service.domain.scoring import Group, category
from assessment_service.domain.unit_tree import UnitTree

FLOOR = 5
DEFAULT_K = 7
_LARGEST_SHARE_PERCENT = 90
_LEAST_DEVIATION = 5

Safe = Callable[[Group], bool]
"""Whether a group may be told about. True for nobody, and for the union of two safe groups."""


@dataclass(frozen=True)
class PrivacyRule:
    """The rule with its one parameter. No configuration can bring `k` below 5."""

    k: int = DEFAULT_K

    def __post_init__(self) -> None:
        if self.k < FLOOR:
            raise ValueError(f"the minimum group size is {FLOOR}, not {self.k}")

    def enough_people(self, group: Group) -> bool:
        """Nobody, or at least k who *answered* (not: were invited)."""
        return not group or group.total() >= self.k

    def may_be_told(self, group: Group, steps: int) -> bool:
        """Enough people whose scores differ: if all are alike, the mean is everybody's answer.

        No more than 90 % may be nearest to the same answer on the scale of `steps` steps, and the
        standard deviation must be at least 5 of 100 points. Both hold for a union of groups if
        they hold for each: a share of a union lies between the shares, and the variance is at
        least the mean of the variances.
        """
        return not group or (
            self.enough_people(group)
            and _largest_share_at_most(group, steps, _LARGEST_SHARE_PERCENT)
            and _variance_at_least(group, _LEAST_DEVIATION**2)
        )


def publishable(
    tree: UnitTree,
    answers: Mapping[str, Group],
    safe: Safe,
    candidates: Collection[str] | None = None,
) -> frozenset[str]:
    """The units whose value may be published, so that every residual atom is safe.

    `answers` holds each answering unit's own group; a unit stands for itself and all below it.
    Only `candidates` are considered (default: all). Leaves come first: a unit that is too small
    hides its parent rather than its siblings, since units are whom results are for. A hidden
    group is carried upwards, where it may become safe together with others.
    """
    shown: set[str] = set()
    answered: set[str] = set()
    hidden_below: dict[str | None, Group] = {}
    for unit_id in tree.bottom_up():
        own = answers.get(unit_id, Group())
        atom = own + hidden_below.pop(unit_id, Group())
        if own:
            answered.update(tree.path(unit_id))
        allowed = candidates is None or unit_id in candidates
        if allowed and unit_id in answered and safe(atom):
            shown.add(unit_id)
        else:
            parent = tree.parent(unit_id)
            hidden_below[parent] = hidden_below.get(parent, Group()) + atom
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
