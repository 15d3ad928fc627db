"""Publishers with one mistake each. The auditor must find every one."""

from collections.abc import Mapping, Sequence

from assessment_service.domain import results
from assessment_service.domain.best_cover import best_cover
from assessment_service.domain.crowd import union
from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.participation_band import Band, Participation, participation_bands
from assessment_service.domain.privacy_rule import PrivacyRule, is_varied
from assessment_service.domain.results import Cell, hidden_cell
from assessment_service.domain.round_answers import RoundAnswers
from assessment_service.domain.scoring import published_index
from assessment_service.domain.suppression import AskedUnit
from assessment_service.domain.unit_tree import UnitTree
from unit.auditor.platform import ASKED, by_the_rule


def threshold_only(rounds: Sequence[RoundAnswers], rule: PrivacyRule) -> list[Cell]:
    """Every unit with k answers is shown, whatever can be subtracted."""
    tree = UnitTree(r.path for r in rounds)
    shown = {unit_id for unit_id in tree.bottom_up() if _answered(rounds, tree, unit_id) >= rule.k}
    return _cells(rounds, shown, {})


def empties_let_through(rounds: Sequence[RoundAnswers], rule: PrivacyRule) -> list[Cell]:
    """Units where nobody answered are left out of the rule, as if they had not been asked."""
    some = [r for r in rounds if r.crowd.persons]
    shown = {cell.unit_id for cell in by_the_rule(some, rule) if cell.shown}
    return _cells(rounds, shown, {})


def agreement_undone(rounds: Sequence[RoundAnswers], rule: PrivacyRule) -> list[Cell]:
    """Units that agree are hidden, and their people protect others in the units above."""
    tree = UnitTree(r.path for r in rounds)
    asked = {r.unit_id: AskedUnit(r.countable, r.headcount) for r in rounds}
    hidden = {
        r.unit_id
        for r in rounds
        if r.headcount < rule.k
        or (r.countable.persons >= rule.k and not is_varied(r.countable, ASKED))
    }
    return _cells(rounds, best_cover(tree, asked, hidden, rule.k), {})


def bands_per_unit(rounds: Sequence[RoundAnswers], rule: PrivacyRule) -> list[Cell]:
    """Each shown unit has the band that it could have if it were the only one."""
    cells = by_the_rule(rounds, rule)
    tree = UnitTree(r.path for r in rounds)
    bands: dict[str, Band] = {}
    for cell in cells:
        if cell.shown:
            below = [r for r in rounds if cell.unit_id in tree.path(r.unit_id)]
            answered = sum(min(r.crowd.persons, r.headcount) for r in below)
            alone = Participation(cell.unit_id, answered, sum(r.headcount for r in below))
            bands |= participation_bands(None, [alone], [], rule.k)
    return _cells(rounds, {cell.unit_id for cell in cells if cell.shown}, bands)


def ends_not_coded(rounds: Sequence[RoundAnswers], rule: PrivacyRule) -> list[Cell]:
    """Where a mean is 100, 100 is published."""
    cells = by_the_rule(rounds, rule)
    return _cells(rounds, {cell.unit_id for cell in cells if cell.shown}, {}, coded=False)


def _answered(rounds: Sequence[RoundAnswers], tree: UnitTree, unit_id: str) -> int:
    return sum(r.crowd.persons for r in rounds if unit_id in tree.path(r.unit_id))


def _cells(
    rounds: Sequence[RoundAnswers],
    shown: set[str] | frozenset[str],
    bands: Mapping[str, Band],
    *,
    coded: bool = True,
) -> list[results.Cell]:
    tree = UnitTree(r.path for r in rounds)
    cells = []
    for unit_id in tree.bottom_up():
        path = tree.path(unit_id)
        people = union(r.crowd for r in rounds if unit_id in tree.path(r.unit_id))
        if unit_id not in shown:
            cells.append(hidden_cell(unit_id, path))
            continue
        groups = {b: people.scores.get(b) for b in BEHAVIOURS}
        indexes = {
            b: None
            if not group
            else published_index(group)
            if coded
            else round(sum(s * n for s, n in group.items()) / group.total())
            for b, group in groups.items()
        }
        cells.append(Cell(unit_id, path, True, bands.get(unit_id), indexes))
    return cells
