"""Which results may be shown: only values that reveal nothing about fewer than k people.

Published values of a tree can be subtracted from each other: a unit's parent minus its siblings is
the unit. Everything that can be derived in this way is a union of *residual atoms*: a published
unit minus its highest published descendants. So every atom must be safe, not only every published
unit ("complement suppression"; for a pure tree this is exact). A minimum group size alone leaks:
with k = 5 and totals, 9 of 25 small cells were recoverable.

An atom of units where nobody answered is as unsafe as one with few people: if it were allowed, a
shown parent would reveal of each person there that he or she did not take part.

People who agree stay hidden in every combination. A unit is shown only if each hidden child with k
people or more is varied: otherwise their common answer would show through. Further up, such people
count as nobody, so that k others who differ are needed for every value that they are in.

Small units that protect each other must be able to have more than k answers together, or it would
be clear how many of each answered.

A value near an end of the scale is published as "10 or less" or "90 or more". A value that follows
by subtraction is not coded so; it must lie between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from assessment_service.domain.best_cover import best_cover
from assessment_service.domain.crowd import NOBODY, Crowd, union
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.privacy_rule import LEAST_POSSIBLE, PrivacyRule, is_varied
from assessment_service.domain.scoring import is_at_an_end
from assessment_service.domain.unit_tree import UnitTree

_SPARE = LEAST_POSSIBLE - 1


@dataclass(frozen=True, slots=True)
class AskedUnit:
    """A unit that was asked: those who answered and count, and how many people it has.

    `withheld`: its value must not follow from others, as if its people were all alike.
    """

    crowd: Crowd
    headcount: int
    withheld: bool = False


def publishable(
    tree: UnitTree, asked: Mapping[str, AskedUnit], rule: PrivacyRule, instrument: Instrument
) -> frozenset[str]:
    """The units whose value may be published, so that every residual atom is safe.

    A unit's value covers the unit and all units below it. `best_cover` chooses by numbers of
    people. Where the people of an atom agree, one more unit is hidden and chosen again: the
    smallest one (by headcount, which is no secret) that makes the atom varied, or the atom's own.
    """
    alike = {
        unit_id
        for unit_id, unit in asked.items()
        if unit.withheld or (unit.crowd.persons >= rule.k and not is_varied(unit.crowd, instrument))
    }
    counted = {u: replace(one, crowd=NOBODY) if u in alike else one for u, one in asked.items()}
    hidden = {unit_id for unit_id, unit in asked.items() if unit.headcount < rule.k}
    hidden |= {above for u in alike if (above := tree.parent(u)) is not None}
    while True:
        shown = best_cover(tree, counted, hidden, rule.k)
        check = _Check(tree, counted, shown, rule, instrument)
        groups = [unit_id for unit_id in shown if tree.children(unit_id)]
        more = {found for unit_id in groups if (found := check.to_hide(unit_id)) is not None}
        if not more:
            return shown
        hidden |= more


class _Check:
    """Looks for people who agree in the atoms of a choice."""

    def __init__(
        self,
        tree: UnitTree,
        asked: Mapping[str, AskedUnit],
        shown: frozenset[str],
        rule: PrivacyRule,
        instrument: Instrument,
    ) -> None:
        self._tree, self._asked, self._shown = tree, asked, shown
        self._rule, self._instrument = rule, instrument
        self._left: dict[str, Crowd | None] = {}
        self._hidden_people: dict[str, int] = {}
        self._has_shown_below: dict[str, bool] = {}
        for unit_id in tree.bottom_up():
            is_over = unit_id in shown
            self._left[unit_id] = None if is_over else self._join(self._pieces(unit_id))
            self._hidden_people[unit_id] = 0 if is_over else self._most_hidden(unit_id)
            self._has_shown_below[unit_id] = any(
                child in shown or self._has_shown_below[child] for child in tree.children(unit_id)
            )

    def to_hide(self, unit_id: str) -> str | None:
        """None if the atom of this shown unit is safe, else one more unit that has to be hidden."""
        pieces = self._pieces(unit_id)
        for below, crowd in pieces.items():
            if crowd.persons >= self._rule.k and not is_varied(crowd, self._instrument):
                return self._remedy(below, crowd) or unit_id
        atom = self._join(pieces)
        follows = self._has_shown_below[unit_id]
        exact = self._most_hidden(unit_id) < self._rule.k + _SPARE
        if atom is None or (self._is_safe(atom, follows=follows) and not exact):
            return None
        return self._remedy(unit_id, atom) or unit_id

    def _is_safe(self, atom: Crowd, *, follows: bool) -> bool:
        """`follows`: the atom's value is not published itself, but follows by subtraction."""
        if not self._rule.may_be_shown(atom, self._instrument):
            return False
        return not follows or not any(
            is_at_an_end(atom.scores[b]) for b in self._instrument.behaviours
        )

    def _most_hidden(self, unit_id: str) -> int:
        """The most people who can have answered in the unit's atom, as a reader knows: fewer than k
        where a unit is hidden because it has too few; k and more to spare where one has k."""
        most = sum(self._hidden_people[child] for child in self._tree.children(unit_id))
        if unit_id in self._asked:
            unit, k = self._asked[unit_id], self._rule.k
            most += k + _SPARE if unit.crowd.persons >= k else min(unit.headcount, k - 1)
        return most

    def _pieces(self, unit_id: str) -> dict[str, Crowd]:
        """What is in no published value below this unit, by child; its own people by itself."""
        pieces = {c: left for c in self._tree.children(unit_id) if (left := self._left[c])}
        if unit_id in self._asked:
            pieces[unit_id] = self._asked[unit_id].crowd
        return pieces

    def _join(self, pieces: Mapping[str, Crowd]) -> Crowd | None:
        return union(pieces.values()) if pieces else None

    def _remedy(self, above: str, crowd: Crowd) -> str | None:
        """The smallest shown unit below that makes the crowd safe if it is hidden as well."""
        for unit_id in sorted(self._shown_below(above), key=lambda u: self._asked[u].headcount):
            joined = crowd + self._asked[unit_id].crowd
            if self._is_safe(joined, follows=True):
                return unit_id
        return None

    def _shown_below(self, above: str) -> list[str]:
        """Asked units below this one that are shown, with no shown unit in between."""
        found, to_see = [], list(self._tree.children(above))
        while to_see:
            unit_id = to_see.pop()
            if unit_id not in self._shown:
                to_see += self._tree.children(unit_id)
            elif unit_id in self._asked:
                found.append(unit_id)
        return found
