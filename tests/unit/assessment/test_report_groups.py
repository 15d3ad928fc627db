"""Small units are joined to near ones, before their rounds open, and have one result together."""

from collections.abc import Sequence
from random import Random
from uuid import uuid4

import pytest

from assessment_service.domain.errors import DomainError
from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.domain.report_group import (
    ReportGroup,
    check,
    check_not_begun,
    check_same,
    least_people,
    propose,
)
from assessment_service.domain.results import Cell, hidden_cell, populations, release_cells
from assessment_service.domain.round import UnitSnapshot
from assessment_service.domain.round_answers import RoundAnswers
from unit.assessment.builders import ROLLOUT, crowd_of, instrument
from unit.assessment.test_results import SPREAD, people

K, RULE, ASKED = 7, PrivacyRule(), instrument()


def unit(path: str, headcount: int) -> UnitSnapshot:
    names = tuple(path.split("/"))
    return UnitSnapshot(names[-1], f"Sample {names[-1]}", names, headcount)


def answered(path: str, scores: Sequence[int | None], headcount: int = 20) -> RoundAnswers:
    names = tuple(path.split("/"))
    crowd = crowd_of(people(tuple(scores)))
    return RoundAnswers(uuid4(), names[-1], names, headcount, crowd)


def released(rounds: Sequence[RoundAnswers], *groups: tuple[str, ...]) -> dict[str, Cell]:
    joined = [ReportGroup.of(ROLLOUT, unit_ids) for unit_ids in groups]
    return {cell.unit_id: cell for cell in release_cells(rounds, ASKED, RULE, joined)}


@pytest.mark.parametrize(
    ("units", "groups"),
    [
        # Beside each other; the last one joins a group, so that nobody is left over.
        (["r/d/a 5", "r/d/b 6", "r/d/c 4", "r/d/e 30"], [("a", "b", "c")]),
        (["r/d/a 6", "r/d/b 6", "r/d/c 6", "r/d/e 6"], [("a", "b"), ("c", "e")]),
        # Too few together: with the smallest of the larger ones beside them.
        (["r/d/a 3", "r/d/b 20", "r/d/c 12"], [("a", "c")]),
        # Nobody beside it: with small ones of the unit next to its own.
        (["r/d/a 5", "r/e/b 5", "r/e/c 30", "r/f/x 5"], [("a", "x"), ("b", "c")]),
        # And at the top, with whoever is nearest.
        (["r/d/e/a 5", "r/d/f/b 30", "r/g/c 10"], [("a", "b")]),
        (["r/d/a 12", "r/d/b 7", "r/d/empty 0"], []),
    ],
)
def test_a_proposal_joins_what_is_near(units: list[str], groups: list[tuple[str, ...]]) -> None:
    made = [unit(path, int(people)) for path, people in (one.split() for one in units)]
    proposal = propose(made, K)
    assert (list(proposal.groups), proposal.left_over) == (groups, ())


def test_a_unit_with_no_other_near_is_left_over() -> None:
    assert propose([unit("r/a", 5)], K).left_over == ("a",)
    assert propose([unit("r/a", 5), unit("s/b", 50)], K).left_over == ("a",)


@pytest.mark.parametrize("seed", range(40))
def test_every_small_unit_is_in_one_group_with_people_enough(seed: int) -> None:
    random = Random(seed)
    units = [
        unit(f"r/a{number % 3}/d{number % 7}/u{number}", random.randint(1, 40))
        for number in range(random.randint(4, 60))
    ]
    units.append(unit("r/a0/d0/large", 40))
    proposal = propose(units, K)
    members = [unit_id for group in proposal.groups for unit_id in group]
    small = {one.unit_id for one in units if one.headcount < K}
    assert small <= set(members)
    assert len(members) == len(set(members))
    assert proposal.left_over == ()
    headcounts = {one.unit_id: one.headcount for one in units}
    for group in proposal.groups:
        assert len(group) > 1
        has_large = any(headcounts[unit_id] >= K for unit_id in group)
        assert has_large or sum(headcounts[u] for u in group) >= least_people(K)


@pytest.mark.parametrize(
    ("groups", "pointer", "says"),
    [
        ([["a"]], "/groups/0", "two units"),
        ([["a", "b"], ["c", "a"]], "/groups/1/1", "twice"),
        ([["a", "nobody"]], "/groups/0/1", "take part"),
        ([["a", "b"], ["c", "tiny"]], "/groups/1", "3 people together; 7 are needed"),
        ([["a", "far"]], "/groups/0", "above them in common"),
    ],
)
def test_groups_that_cannot_be(groups: list[list[str]], pointer: str, says: str) -> None:
    known = {
        one.unit_id: one
        for one in (
            unit("r/a", 5),
            unit("r/b", 5),
            unit("r/c", 2),
            unit("r/tiny", 1),
            unit("s/far", 9),
        )
    }
    check([["a", "b", "c"]], known, K)
    with pytest.raises(DomainError) as refused:
        check(groups, known, K)
    (fault,) = refused.value.errors
    assert (refused.value.code, fault["pointer"]) == ("report-groups-invalid", pointer)
    assert says in fault["detail"]


def test_a_group_stays_possible_when_people_have_left() -> None:
    known = {one.unit_id: one for one in (unit("r/a", 2), unit("r/c", 2))}
    for group in (["a", "c"], ["a", "dissolved"]):
        with pytest.raises(DomainError):
            check([group], known, K)
        check([group], known, K, before=[group[::-1]])
    with pytest.raises(DomainError):
        check([["a", "c"], ["a", "dissolved"]], known, K, before=[["a", "c"], ["a", "dissolved"]])


def test_groups_that_changed_meanwhile_are_not_replaced() -> None:
    one, other = (ReportGroup.of(ROLLOUT, group) for group in (["a", "b"], ["c", "d"]))
    check_same([one, other], [other, ReportGroup.of(ROLLOUT, ["b", "a"])])
    for expected in ([one], []):
        with pytest.raises(DomainError) as refused:
            check_same([one, other], expected)
        assert refused.value.code == "report-groups-changed"


def test_the_group_of_a_unit_that_has_begun_stays() -> None:
    before = [ReportGroup.of(ROLLOUT, ["a", "b"])]
    check_not_begun(before, [*before, ReportGroup.of(ROLLOUT, ["c", "d"])], ["a"])
    check_not_begun(before, [], [])
    for begun, after in (("a", []), ("c", [*before, ReportGroup.of(ROLLOUT, ["c", "d"])])):
        with pytest.raises(DomainError) as refused:
            check_not_begun(before, after, [begun])
        assert refused.value.code == "report-group-in-use"


def test_joined_units_have_one_value_together_and_each_its_cell() -> None:
    rounds = [answered("r/d/a", SPREAD[:4], 4), answered("r/d/b", SPREAD[4:], 4)]
    apart = released(rounds)
    assert not any(apart[unit_id].shown for unit_id in "ab")
    cells = released(rounds, ("a", "b"))
    assert cells["a"].shown
    assert cells["a"].together == ("a", "b")
    assert cells["a"].indexes == cells["b"].indexes == dict.fromkeys(BEHAVIOURS, 65)
    assert (cells["a"].path, cells["b"].path) == (("r", "d", "a"), ("r", "d", "b"))
    assert populations(list(cells.values()), rounds)["a"] == ["a", "b"]
    assert populations(list(cells.values()), rounds)["d"] == ["a", "b"]


def test_a_hidden_group_looks_like_any_hidden_unit() -> None:
    rounds = [answered("r/d/a", SPREAD[:3], 4), answered("r/d/b", SPREAD[3:6], 4)]
    assert released(rounds, ("a", "b"))["a"] == hidden_cell("a", ("r", "d", "a"))


def test_a_unit_above_some_of_a_group_has_no_result() -> None:
    """Its value would lack people, or be subtracted from the group's."""
    rounds = [
        answered("r/d/a", SPREAD[:4], 4),
        answered("r/d/c", SPREAD),
        answered("r/e/b", SPREAD[4:], 4),
        answered("r/e/x", SPREAD),
    ]
    cells = released(rounds, ("a", "b"))
    assert cells.keys() == {"r", "a", "b", "c", "x"}
    assert all(cell.shown for cell in cells.values())


def test_people_of_a_joined_unit_who_agree_hide_the_group() -> None:
    rounds = [answered("r/a", (50,) * 8), answered("r/b", SPREAD), answered("r/c", SPREAD * 2)]
    cells = released(rounds, ("a", "b"))
    assert not cells["a"].shown
    assert not cells["r"].shown
    assert cells["c"].shown


def test_a_joined_unit_with_more_answers_than_people_hides_the_group() -> None:
    rounds = [answered("r/a", SPREAD, headcount=3), answered("r/b", SPREAD, headcount=30)]
    assert not released(rounds, ("a", "b"))["b"].shown


def test_a_unit_without_the_others_of_its_group_is_not_shown_by_itself() -> None:
    rounds = [answered("r/a", SPREAD), answered("s/b", SPREAD), answered("r/c", SPREAD * 2)]
    for asked in (rounds, [rounds[0], rounds[2]]):
        cells = released(asked, ("a", "b"))
        assert cells["a"] == hidden_cell("a", ("r", "a"))
        assert not cells["r"].shown  # minus c it would be a
        assert cells["c"].shown
