"""The released cells of one release: computed once, from all its closed rounds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from assessment_service.domain.crowd import Crowd, union
from assessment_service.domain.instrument import BEHAVIOURS, Behaviour, Instrument
from assessment_service.domain.joined_units import joined
from assessment_service.domain.participation_band import (
    Band,
    Participation,
    participation_bands,
    parts_of_atom,
)
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.domain.report_group import ReportGroup
from assessment_service.domain.round_answers import RoundAnswers
from assessment_service.domain.scoring import published_index
from assessment_service.domain.suppression import AskedUnit, publishable
from assessment_service.domain.unit_tree import UnitTree

HiddenBecause = Literal["published_recently"]
HIDDEN_BECAUSE: tuple[HiddenBecause, ...] = get_args(HiddenBecause)


@dataclass(frozen=True, slots=True)
class Cell:
    """The result of a unit and all units below it. Hidden and empty cells are the same.

    The exception is `hidden_because`, which follows from dates and units, never from answers. A
    shown cell of a unit that is reported with others is about all of them (`together`).
    """

    unit_id: str
    path: tuple[str, ...]
    shown: bool
    participation_band: Band | None
    indexes: Mapping[Behaviour, int | None]
    hidden_because: HiddenBecause | None = None
    together: tuple[str, ...] = ()


def hidden_cell(
    unit_id: str, path: tuple[str, ...] = (), because: HiddenBecause | None = None
) -> Cell:
    """The cell of a unit whose result may not be shown, is empty, or does not exist."""
    return Cell(unit_id, path, False, None, dict.fromkeys(BEHAVIOURS), because)


def release_cells(
    rounds: Sequence[RoundAnswers],
    asked: Instrument,
    rule: PrivacyRule,
    groups: Iterable[ReportGroup] = (),
) -> list[Cell]:
    """One cell for every unit of the rounds and every unit above one, parents first.

    A shown cell has a value for every behaviour that was asked about. Units of a group all have the
    group's cell.
    """
    places = {r.unit_id: r.path for r in rounds}
    rounds = joined(rounds, groups, asked, rule)
    tree = UnitTree(r.path for r in rounds)
    shown = _shown(tree, rounds, asked, rule)
    below: dict[str, list[RoundAnswers]] = {}
    for r in rounds:
        for above in tree.path(r.unit_id):
            below.setdefault(above, []).append(r)
    crowds = _crowds(tree, rounds)
    bands = _bands(tree, rounds, shown, below, rule.k)
    again = {r.unit_id for r in rounds if r.published_recently}
    cells = []
    for unit_id in reversed(list(tree.bottom_up())):
        path = tree.path(unit_id)
        if unit_id in shown:
            scores = crowds[unit_id].scores
            indexes = {b: published_index(scores[b]) for b in asked.behaviours}
            values = dict.fromkeys(BEHAVIOURS) | indexes
            cells.append(Cell(unit_id, path, True, bands.get(unit_id), values))
        else:
            because: HiddenBecause | None = "published_recently" if unit_id in again else None
            cells.append(hidden_cell(unit_id, path, because))
    parts = {r.unit_id: r.asked_units for r in rounds if r.parts}
    return [one for cell in cells for one in _of_each(cell, parts.get(cell.unit_id, ()), places)]


def _of_each(
    cell: Cell, unit_ids: tuple[str, ...], places: Mapping[str, tuple[str, ...]]
) -> list[Cell]:
    """The cell of a group, for each of its units; another cell as it is."""
    if not unit_ids:
        return [cell]
    together = unit_ids if cell.shown else ()
    return [replace(cell, unit_id=one, path=places[one], together=together) for one in unit_ids]


def populations(cells: Sequence[Cell], rounds: Iterable[RoundAnswers]) -> dict[str, list[str]]:
    """The asked units whose people are in each shown cell."""
    found: dict[str, list[str]] = {cell.unit_id: [] for cell in cells if cell.shown}
    tree = UnitTree(cell.path for cell in cells)
    for r in rounds:
        for above in tree.path(r.unit_id):
            if above in found:
                found[above].append(r.unit_id)
    return found | {cell.unit_id: list(cell.together) for cell in cells if cell.together}


def whole_band(cells: Sequence[Cell]) -> Band | None:
    """The participation of the whole release; None if it has several roots."""
    roots = [cell for cell in cells if len(cell.path) == 1]
    return roots[0].participation_band if len(roots) == 1 else None


def region_cell(cells: Sequence[Cell], rounds: Sequence[RoundAnswers]) -> Cell:
    """The whole release as other systems may see it; hidden if it has asked only one unit.

    How many units have answers does not decide: that would reveal that nobody answered in one.
    """
    roots = [cell for cell in cells if len(cell.path) == 1]
    if len(roots) == 1 and len(rounds) > 1:
        return roots[0]
    return hidden_cell("")


def _shown(
    tree: UnitTree, rounds: Sequence[RoundAnswers], asked: Instrument, rule: PrivacyRule
) -> frozenset[str]:
    units = {
        r.unit_id: AskedUnit(
            r.countable, 0 if r.published_recently else r.headcount, withheld=r.withheld
        )
        for r in rounds
    }
    return publishable(tree, units, rule, asked)


def _crowds(tree: UnitTree, rounds: Iterable[RoundAnswers]) -> dict[str, Crowd]:
    """Everybody who answered in each unit and all units below it."""
    parts: dict[str, list[Crowd]] = {}
    for r in rounds:
        parts.setdefault(r.unit_id, []).append(r.crowd)
    crowds: dict[str, Crowd] = {}
    for unit_id in tree.bottom_up():
        below = (crowds[child] for child in tree.children(unit_id))
        crowds[unit_id] = union([*parts.get(unit_id, ()), *below])
    return crowds


def _bands(
    tree: UnitTree,
    rounds: Sequence[RoundAnswers],
    shown: frozenset[str],
    below: Mapping[str, Sequence[RoundAnswers]],
    k: int,
) -> Mapping[str, Band]:
    """The bands of every root and asked unit that may have one."""
    atoms: dict[str, dict[str, list[Participation]]] = {root: {} for root in tree.roots}
    leaves: dict[str, list[Participation]] = {root: [] for root in tree.roots}
    for r in rounds:
        path = tree.path(r.unit_id)
        lowest = next((above for above in reversed(path) if above in shown), "")
        unit = _participation(r.unit_id, [r])
        atoms[path[0]].setdefault(lowest, []).append(unit)
        if r.unit_id in shown and len(path) > 1:
            leaves[path[0]].append(unit)
    found: dict[str, Band] = {}
    for root in tree.roots:
        whole = _participation(root, below[root]) if root in shown else None
        parts = [part for atom in atoms[root].values() for part in parts_of_atom(atom, k)]
        found |= participation_bands(whole, leaves[root], parts, k)
    return found


def _participation(unit_id: str, rounds: Iterable[RoundAnswers]) -> Participation:
    people = [(min(r.crowd.persons, r.headcount), r.headcount) for r in rounds]
    return Participation(unit_id, sum(n for n, _ in people), sum(h for _, h in people))
