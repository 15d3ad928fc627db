"""The released cells of one release: computed once, from all its closed rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from assessment_service.domain.instrument import BEHAVIOURS, Behaviour, Instrument
from assessment_service.domain.scoring import Profile, group_of, published_index
from assessment_service.domain.suppression import PrivacyRule, publishable
from assessment_service.domain.unit_tree import UnitTree

Band = Literal["0-49", "50-74", "75-89", "90-100", "75-100"]

_BANDS: tuple[tuple[int, int, Band], ...] = (
    (0, 49, "0-49"),
    (50, 74, "50-74"),
    (75, 89, "75-89"),
    (90, 100, "90-100"),
)
_SMALL_UNIT_BANDS: tuple[tuple[int, int, Band], ...] = (*_BANDS[:2], (75, 100, "75-100"))
_SMALL_UNIT = 20
_LEAST_POSSIBLE = 3


@dataclass(frozen=True, slots=True)
class RoundAnswers:
    """A closed round: the unit as it was at opening, and the profiles of those who answered."""

    round_id: UUID
    unit_id: str
    path: tuple[str, ...]
    headcount: int
    profiles: Sequence[Profile]


@dataclass(frozen=True, slots=True)
class Cell:
    """The result of a unit and all units below it. Hidden and empty cells are the same."""

    unit_id: str
    path: tuple[str, ...]
    shown: bool
    participation_band: Band | None
    indexes: Mapping[Behaviour, int | None]


def hidden_cell(unit_id: str, path: tuple[str, ...] = ()) -> Cell:
    """The cell of a unit whose result may not be shown, is empty, or does not exist."""
    return Cell(unit_id, path, False, None, dict.fromkeys(BEHAVIOURS))


def release_cells(
    rounds: Sequence[RoundAnswers], asked: Instrument, rule: PrivacyRule
) -> list[Cell]:
    """One cell for every unit of the rounds and every unit above one, parents first.

    A shown cell has a value for every behaviour that was asked about.
    """
    tree = UnitTree(r.path for r in rounds)
    answers = {r.unit_id: r.profiles for r in rounds}
    shown = publishable(tree, answers, lambda people: rule.may_be_shown(people, asked))
    below: dict[str, list[RoundAnswers]] = {}
    for r in rounds:
        for above in tree.path(r.unit_id):
            below.setdefault(above, []).append(r)
    cells = []
    for unit_id in reversed(list(tree.bottom_up())):
        path = tree.path(unit_id)
        if unit_id in shown:
            cells.append(_shown_cell(unit_id, path, below[unit_id], asked, rule.k))
        else:
            cells.append(hidden_cell(unit_id, path))
    return cells


def region_cell(cells: Sequence[Cell], rounds: Sequence[RoundAnswers]) -> Cell:
    """The whole release as other systems may see it; hidden if only one unit has answers in it."""
    roots = [cell for cell in cells if len(cell.path) == 1]
    answering = [r for r in rounds if r.profiles]
    if len(roots) == 1 and len(answering) > 1:
        return roots[0]
    return hidden_cell("")


def participation_band(answered: int, headcount: int, k: int) -> Band | None:
    """The share that answered, in per cent, as a band such as `75-89`.

    Return None unless at least three numbers of people that may be shown, so from k on, fit the
    band: with fewer it would reveal how many answered. Small units have wider bands.
    """

    def percent(people: int) -> int:
        return min(100 * people // max(headcount, 1), 100)

    bands = _SMALL_UNIT_BANDS if headcount < _SMALL_UNIT else _BANDS
    low, high, band = next(found for found in bands if percent(answered) <= found[1])
    possible = range(k, max(headcount, answered) + 1)
    if sum(low <= percent(people) <= high for people in possible) < _LEAST_POSSIBLE:
        return None
    return band


def _shown_cell(
    unit_id: str,
    path: tuple[str, ...],
    below: Sequence[RoundAnswers],
    asked: Instrument,
    k: int,
) -> Cell:
    people = [profile for r in below for profile in r.profiles]
    band = participation_band(len(people), sum(r.headcount for r in below), k)
    indexes = {b: published_index(group_of(people, b)) for b in asked.behaviours}
    return Cell(unit_id, path, True, band, dict.fromkeys(BEHAVIOURS) | indexes)
