"""The released cells of one release: computed once, from all its closed rounds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from assessment_service.domain.crowd import Crowd
from assessment_service.domain.instrument import BEHAVIOURS, Behaviour, Instrument
from assessment_service.domain.participation_band import (
    Band,
    Participation,
    participation_bands,
)
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.domain.scoring import Profile, group_of, published_index
from assessment_service.domain.suppression import AskedUnit, publishable
from assessment_service.domain.unit_tree import UnitTree

HiddenBecause = Literal["published_recently"]
HIDDEN_BECAUSE: tuple[HiddenBecause, ...] = get_args(HiddenBecause)


@dataclass(frozen=True, slots=True)
class RoundAnswers:
    """A closed round: the unit as it was at opening, and the profiles of those who answered.

    `published_recently`: about the same time, another rollout's release has shown a value about
    these people (publishing.py).
    """

    round_id: UUID
    unit_id: str
    path: tuple[str, ...]
    headcount: int
    profiles: Sequence[Profile]
    published_recently: bool = False

    @property
    def is_flooded(self) -> bool:
        """Whether more people answered than the unit can have: one may have come since the import.

        Then it is not known who they are.
        """
        return len(self.profiles) > self.headcount + 1

    @property
    def countable(self) -> Sequence[Profile]:
        """The profiles that protect each other: nobody else can know any of them."""
        return () if self.is_flooded or self.published_recently else self.profiles


@dataclass(frozen=True, slots=True)
class Cell:
    """The result of a unit and all units below it. Hidden and empty cells are the same.

    The exception is `hidden_because`, which follows from dates and units, never from answers.
    """

    unit_id: str
    path: tuple[str, ...]
    shown: bool
    participation_band: Band | None
    indexes: Mapping[Behaviour, int | None]
    hidden_because: HiddenBecause | None = None


def hidden_cell(
    unit_id: str, path: tuple[str, ...] = (), because: HiddenBecause | None = None
) -> Cell:
    """The cell of a unit whose result may not be shown, is empty, or does not exist."""
    return Cell(unit_id, path, False, None, dict.fromkeys(BEHAVIOURS), because)


def release_cells(
    rounds: Sequence[RoundAnswers], asked: Instrument, rule: PrivacyRule
) -> list[Cell]:
    """One cell for every unit of the rounds and every unit above one, parents first.

    A shown cell has a value for every behaviour that was asked about.
    """
    tree = UnitTree(r.path for r in rounds)
    shown = _shown(tree, rounds, asked, rule)
    below: dict[str, list[RoundAnswers]] = {}
    for r in rounds:
        for above in tree.path(r.unit_id):
            below.setdefault(above, []).append(r)
    bands = _bands(tree, rounds, shown, below, rule.k)
    again = {r.unit_id for r in rounds if r.published_recently}
    cells = []
    for unit_id in reversed(list(tree.bottom_up())):
        path = tree.path(unit_id)
        if unit_id in shown:
            people = [profile for r in below[unit_id] for profile in r.profiles]
            indexes = {b: published_index(group_of(people, b)) for b in asked.behaviours}
            values = dict.fromkeys(BEHAVIOURS) | indexes
            cells.append(Cell(unit_id, path, True, bands.get(unit_id), values))
        else:
            because: HiddenBecause | None = "published_recently" if unit_id in again else None
            cells.append(hidden_cell(unit_id, path, because))
    return cells


def whole_band(cells: Sequence[Cell]) -> Band | None:
    """The participation of the whole release; None if it has several roots."""
    roots = [cell for cell in cells if len(cell.path) == 1]
    return roots[0].participation_band if len(roots) == 1 else None


def region_cell(cells: Sequence[Cell], rounds: Sequence[RoundAnswers]) -> Cell:
    """The whole release as other systems may see it; hidden if only one unit has answers in it."""
    roots = [cell for cell in cells if len(cell.path) == 1]
    answering = [r for r in rounds if r.profiles]
    if len(roots) == 1 and len(answering) > 1:
        return roots[0]
    return hidden_cell("")


def _shown(
    tree: UnitTree, rounds: Sequence[RoundAnswers], asked: Instrument, rule: PrivacyRule
) -> frozenset[str]:
    units = {
        r.unit_id: AskedUnit(Crowd.of(r.countable, asked.behaviours, r.headcount), r.headcount)
        for r in rounds
    }
    return publishable(tree, units, rule, asked)


def _bands(
    tree: UnitTree,
    rounds: Sequence[RoundAnswers],
    shown: frozenset[str],
    below: Mapping[str, Sequence[RoundAnswers]],
    k: int,
) -> Mapping[str, Band]:
    """The bands of every root and asked unit that may have one."""
    atoms: dict[str, dict[str, int]] = {root: {} for root in tree.roots}
    leaves: dict[str, list[Participation]] = {root: [] for root in tree.roots}
    for r in rounds:
        path = tree.path(r.unit_id)
        lowest = next((above for above in reversed(path) if above in shown), "")
        atom = atoms[path[0]]
        atom[lowest] = atom.get(lowest, 0) + r.headcount
        if r.unit_id in shown and len(path) > 1:
            leaves[path[0]].append(_participation(r.unit_id, [r]))
    found: dict[str, Band] = {}
    for root in tree.roots:
        whole = _participation(root, below[root]) if root in shown else None
        found |= participation_bands(whole, leaves[root], atoms[root].values(), k)
    return found


def _participation(unit_id: str, rounds: Iterable[RoundAnswers]) -> Participation:
    people = [(min(len(r.profiles), r.headcount), r.headcount) for r in rounds]
    return Participation(unit_id, sum(n for n, _ in people), sum(h for _, h in people))
