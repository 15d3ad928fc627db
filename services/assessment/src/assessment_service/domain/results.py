"""The released cells of one release: computed once from all its closed rounds, then never again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.scoring import Group, Profile, published_index
from assessment_service.domain.suppression import PrivacyRule, publishable
from assessment_service.domain.unit_tree import UnitTree

_BANDS = ((0, 49), (50, 74), (75, 89), (90, 100))
_SMALL_UNIT_BANDS = ((0, 49), (50, 74), (75, 100))
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
    """What is told about a unit and all below it. Hidden and empty cells are the same."""

    unit_id: str
    path: tuple[str, ...]
    shown: bool
    participation_band: str | None
    indexes: Mapping[str, int | None]


def hidden_cell(unit_id: str, path: tuple[str, ...] = ()) -> Cell:
    """What is told about a unit that may not be told about, is empty, or is unknown."""
    return Cell(unit_id, path, False, None, dict.fromkeys(BEHAVIOURS))


def release_cells(rounds: Sequence[RoundAnswers], steps: int, rule: PrivacyRule) -> list[Cell]:
    """One cell for every unit of the rounds and every unit above one, parents first.

    `steps` is the number of steps of the scale that was answered. The rule is applied first to
    who answered at all, then to each behaviour by itself, since fewer may have answered that.
    """
    tree = UnitTree(r.path for r in rounds)
    everybody = {r.unit_id: Group({0: len(r.profiles)}) for r in rounds if r.profiles}
    shown = publishable(tree, everybody, rule.enough_people)
    told = {
        behaviour: _told(tree, scores, steps, rule, shown)
        for behaviour in BEHAVIOURS
        if (scores := _scores(rounds, behaviour))
    }
    bands = _participation(tree, rounds, rule.k)
    cells = []
    for unit_id in reversed(list(tree.bottom_up())):
        if unit_id in shown:
            indexes = {b: told.get(b, {}).get(unit_id) for b in BEHAVIOURS}
            cells.append(Cell(unit_id, tree.path(unit_id), True, bands[unit_id], indexes))
        else:
            cells.append(hidden_cell(unit_id, tree.path(unit_id)))
    return cells


def region_cell(cells: Sequence[Cell], rounds: Sequence[RoundAnswers]) -> Cell:
    """The whole release as other systems may see it; hidden if only one unit stands behind it."""
    roots = [cell for cell in cells if len(cell.path) == 1]
    answering = [r for r in rounds if r.profiles]
    if len(roots) == 1 and len(answering) > 1:
        return roots[0]
    return hidden_cell("")


def participation_band(answered: int, headcount: int, k: int) -> str | None:
    """The share that answered, in per cent, as a band such as `75-89`.

    At least three numbers of people that may be shown at all, so from k on, fit the band: else it
    would tell how many answered, and there is none. Small units have wider bands.
    """

    def percent(people: int) -> int:
        return min(100 * people // max(headcount, 1), 100)

    bands = _SMALL_UNIT_BANDS if headcount < _SMALL_UNIT else _BANDS
    low, high = next(band for band in bands if percent(answered) <= band[1])
    possible = range(k, max(headcount, answered) + 1)
    if sum(low <= percent(people) <= high for people in possible) < _LEAST_POSSIBLE:
        return None
    return f"{low}-{high}"


def _scores(rounds: Sequence[RoundAnswers], behaviour: str) -> dict[str, Group]:
    groups = {
        r.unit_id: Group(score for p in r.profiles if (score := p[behaviour]) is not None)
        for r in rounds
    }
    return {unit_id: group for unit_id, group in groups.items() if group}


def _told(
    tree: UnitTree,
    scores: Mapping[str, Group],
    steps: int,
    rule: PrivacyRule,
    candidates: frozenset[str],
) -> dict[str, int]:
    told = publishable(tree, scores, lambda group: rule.may_be_told(group, steps), candidates)
    joined = _joined(tree, scores)
    return {unit_id: published_index(joined[unit_id]) for unit_id in told}


def _joined(tree: UnitTree, groups: Mapping[str, Group]) -> dict[str, Group]:
    """Each unit's group together with all below it."""
    joined: dict[str, Group] = {}
    for unit_id, group in groups.items():
        for above in tree.path(unit_id):
            joined[above] = joined.get(above, Group()) + group
    return joined


def _participation(tree: UnitTree, rounds: Sequence[RoundAnswers], k: int) -> dict[str, str | None]:
    answered: dict[str, int] = {}
    invited: dict[str, int] = {}
    for r in rounds:
        for above in tree.path(r.unit_id):
            answered[above] = answered.get(above, 0) + len(r.profiles)
            invited[above] = invited.get(above, 0) + r.headcount
    return {
        unit_id: participation_band(answered[unit_id], invited[unit_id], k) for unit_id in invited
    }
