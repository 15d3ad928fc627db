"""A gate passes, fails or is inconclusive; what is hidden never passes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.workflow.clock import NOW
from unit.workflow.rollout.samples import PILOTS, good_evidence, released
from workflow_service.domain.rollout.gate import UnitEvidence, evaluate
from workflow_service.domain.template.template import Criterion, Gate, Measure

MODULES = ("intro", "samtal")


def criterion(
    measure: Measure, pass_at_least: float, fail_below: float, dry_run: bool = False
) -> Gate:
    return Gate("pilot", (Criterion(measure, measure, pass_at_least, fail_below, dry_run),))


def units(**changes: object) -> list[UnitEvidence]:
    """Four good units, of which the last differs."""
    good = [good_evidence(unit) for unit in PILOTS]
    return [*good[:-1], replace(good[-1], **changes)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("measure", "change", "value"),
    [
        ("participation", {"baseline": released(35)}, 70.0),
        ("meetings_held", {"meetings": 0}, 75.0),
        ("actions_chosen", {"actions_chosen": 0}, 75.0),
        ("actions_checked_back", {"actions_checked_back": 0}, 75.0),
        ("modules_completed", {"modules_completed": frozenset(["intro"])}, 75.0),
        ("change_since_baseline", {"follow_up": released(75, 45)}, 6.2),
    ],
)
def test_measures(measure: Measure, change: dict[str, object], value: float) -> None:
    gate = evaluate(criterion(measure, 100, 0), units(**change), MODULES, NOW)

    assert gate.criteria[0].value == value
    assert gate.evaluated == "inconclusive"
    assert gate.evaluated_at == NOW


@pytest.mark.parametrize(
    ("pass_at_least", "fail_below", "outcome"),
    [(75, 50, "pass"), (75.1, 75, "inconclusive"), (90, 75.1, "fail"), (75, 75, "pass")],
)
def test_pass_and_fail_are_apart(pass_at_least: float, fail_below: float, outcome: str) -> None:
    gate = evaluate(
        criterion("meetings_held", pass_at_least, fail_below), units(meetings=0), MODULES, NOW
    )

    assert gate.evaluated == outcome


@pytest.mark.parametrize(
    ("measure", "change"),
    [
        ("meetings_held", {"meetings": 0}),
        ("actions_chosen", {"actions_chosen": 0}),
        ("actions_checked_back", {"actions_checked_back": 0}),
        ("modules_completed", {"modules_completed": frozenset(["intro"])}),
        ("participation", {"follow_up": None}),
    ],
)
def test_a_stopped_unit_does_not_count(measure: Measure, change: dict[str, object]) -> None:
    gate = evaluate(criterion(measure, 75, 75), units(stopped=True, **change), MODULES, NOW)
    assert gate.evaluated == "pass"
    assert gate.criteria[0].explanation.endswith("Without 1 unit that was stopped.")


def test_a_pilot_that_every_unit_has_left_is_inconclusive() -> None:
    gone = [replace(unit, stopped=True) for unit in units()]
    gate = evaluate(criterion("meetings_held", 0, 0), gone, MODULES, NOW)
    assert gate.evaluated == "inconclusive"
    assert "no unit is left" in gate.criteria[0].explanation


HELD_BACK = {"modules_completed": frozenset[str]()}


@pytest.mark.parametrize(
    ("fail_below", "change", "can"),
    [
        (90, HELD_BACK, True),
        (50, HELD_BACK, True),
        (50, HELD_BACK | {"baseline": released(0)}, False),  # Participation failed for good.
        (50, HELD_BACK | {"baseline": released(None)}, True),
        (50, {"baseline": released(None)}, False),  # Results alone are wanting.
    ],
)
def test_more_time_is_given_where_it_can_change_something(
    fail_below: float, change: dict[str, object], can: bool
) -> None:
    results = Criterion("participation", "participation", 70, 70, dry_run=False)
    modules = Criterion("modules", "modules_completed", 100, fail_below, dry_run=False)
    gate = evaluate(Gate("pilot", (results, modules)), units(**change), MODULES, NOW)
    assert gate.can_change is can


def test_more_time_changes_nothing_when_every_unit_has_left() -> None:
    gone = [replace(unit, stopped=True) for unit in units()]
    gate = evaluate(criterion("modules_completed", 100, 0), gone, MODULES, NOW)
    assert not gate.can_change
    assert "later counts" not in gate.criteria[0].explanation


@pytest.mark.parametrize("hidden", [None, released(None)])
def test_hidden_and_missing_are_inconclusive(hidden: object) -> None:
    gate = evaluate(criterion("participation", 0, 0), units(follow_up=hidden), MODULES, NOW)

    (result,) = gate.criteria
    assert (result.outcome, result.value, result.hidden) == ("inconclusive", None, True)
    assert "1 of 8" in result.explanation
    assert gate.evaluated == "inconclusive"


def test_no_pilot_unit_is_inconclusive() -> None:
    assert evaluate(criterion("meetings_held", 0, 0), [], MODULES, NOW).evaluated == "inconclusive"


def test_a_dry_run_is_shown_and_does_not_decide() -> None:
    weighed = Gate(
        "pilot",
        (
            Criterion("held", "meetings_held", 100, 50, dry_run=False),
            Criterion("change", "change_since_baseline", 90, 80, dry_run=True),
        ),
    )

    gate = evaluate(weighed, units(), MODULES, NOW)

    assert [result.outcome for result in gate.criteria] == ["pass", "fail"]
    assert gate.criteria[1].explanation.endswith("Dry run: shown, not deciding.")
    assert gate.outcome == "pass"


def test_only_dry_runs_decide_nothing() -> None:
    gate = evaluate(criterion("meetings_held", 0, 0, dry_run=True), units(), MODULES, NOW)

    assert gate.evaluated == "inconclusive"


@given(
    st.lists(
        st.tuples(st.sampled_from(["meetings_held", "participation"]), st.booleans()),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=1, max_size=5),
)
def test_never_a_pass_with_something_hidden(
    chosen: list[tuple[Measure, bool]], participation: list[int | None]
) -> None:
    criteria = tuple(
        Criterion(f"c{n}", measure, 10, 5, dry_run) for n, (measure, dry_run) in enumerate(chosen)
    )
    pilot = [
        replace(good_evidence(f"unit-{n}"), baseline=released(each), follow_up=released(each))
        for n, each in enumerate(participation)
    ]

    gate = evaluate(Gate("pilot", criteria), pilot, MODULES, NOW)

    deciding = [result for result in gate.criteria if not result.dry_run]
    if gate.outcome == "pass":
        assert deciding
        assert all(result.value is not None and result.value >= 10 for result in deciding)
    if any(result.outcome == "fail" for result in deciding):
        assert gate.outcome == "fail"
