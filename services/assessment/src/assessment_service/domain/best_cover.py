"""The best choice of units to show, if only numbers of people mattered: exact, by dynamic
programming over the tree.

For each unit, and each residue that can be left below it, the best choice is kept. Joining the
choices of a unit's children takes at most (k + 2)^2 steps per child, so the whole takes time in
proportion to the number of units.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from assessment_service.domain.crowd import Crowd
from assessment_service.domain.unit_tree import UnitTree

Residue = int | None
"""How many people below a unit are in no published value yet, where k stands for k or more; None
if no unit that was asked is left."""


class Asked(Protocol):
    """A unit that was asked."""

    @property
    def crowd(self) -> Crowd: ...

    @property
    def headcount(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """How good a choice is, and how it came about: from `before`, by a child's choice or by showing
    the unit itself."""

    value: int
    before: "_Choice | None" = None
    child: "_Choice | None" = None
    shows: str | None = None


def best_cover(
    tree: UnitTree, asked: Mapping[str, Asked], hidden: Collection[str], k: int
) -> frozenset[str]:
    """The units to show, without those in `hidden`, so that no atom has fewer than k people.

    As many as possible; among such choices, as many as possible on the highest level, then on the
    next one, and so on; then those with most people.
    """
    worth = _worth(tree, asked)
    about_somebody = {above for unit_id in asked for above in tree.path(unit_id)}
    choices: dict[str, dict[Residue, _Choice]] = {}
    for unit_id in tree.bottom_up():
        own = min(asked[unit_id].crowd.persons, k) if unit_id in asked else None
        found: dict[Residue, _Choice] = {own: _Choice(0)}
        for child in tree.children(unit_id):
            found = _joined(found, choices.pop(child), k)
        if unit_id in about_somebody and unit_id not in hidden:
            complete = [found[residue] for residue in (None, k) if residue in found]
            if complete:
                best = max(complete, key=lambda choice: choice.value)
                found[None] = _Choice(best.value + worth[unit_id], best, shows=unit_id)
        choices[unit_id] = found
    shown: set[str] = set()
    for root in tree.roots:
        shown |= _shown(max(choices[root].values(), key=lambda choice: choice.value))
    return frozenset(shown)


def _worth(tree: UnitTree, asked: Mapping[str, Asked]) -> dict[str, int]:
    """What showing each unit is worth, as one number: a digit for the unit itself, then one for
    each level from the highest down, then one for the people of asked units."""
    units = list(tree.bottom_up())
    base = len(units) + sum(unit.headcount for unit in asked.values()) + 1
    levels = 1 + max((tree.depth(unit_id) for unit_id in units), default=0)
    return {
        unit_id: base ** (levels + 1)
        + base ** (levels - tree.depth(unit_id))
        + (asked[unit_id].headcount if unit_id in asked else 0)
        for unit_id in units
    }


def _joined(
    ours: Mapping[Residue, _Choice], theirs: Mapping[Residue, _Choice], k: int
) -> dict[Residue, _Choice]:
    joined: dict[Residue, _Choice] = {}
    for residue, choice in ours.items():
        for more, child in theirs.items():
            both = _sum(residue, more, k)
            value = choice.value + child.value
            if both not in joined or value > joined[both].value:
                joined[both] = _Choice(value, choice, child)
    return joined


def _sum(residue: Residue, more: Residue, k: int) -> Residue:
    if residue is None or more is None:
        return residue if more is None else more
    return min(residue + more, k)


def _shown(choice: _Choice) -> set[str]:
    shown, to_see = set[str](), [choice]
    while to_see:
        one = to_see.pop()
        if one.shows is not None:
            shown.add(one.shows)
        to_see += [other for other in (one.before, one.child) if other is not None]
    return shown
