"""A wave's turn: who moves, what is asked of others, when to look again."""

from dataclasses import replace
from datetime import datetime

import pytest

from unit.workflow.clock import NOW, later
from unit.workflow.rollout.samples import ROLLOUT_ID, TEMPLATE
from workflow_service.domain.journey.evidence import Evidence, EvidenceKind
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.turn import (
    AssignModules,
    OpenRounds,
    Situation,
    WaveSnapshot,
    cause_of_move,
    cause_of_request,
    milestone,
    next_due,
    outlook,
    plan_moves,
    plan_requests,
)
from workflow_service.domain.template.template import StepName

DONE: dict[StepName, tuple[EvidenceKind, ...]] = {
    "preparation": (),
    "baseline": ("baseline_released",),
    "modules": ("meeting_held", "action_chosen"),
    "follow_up": ("follow_up_released", "action_checked_back"),
}
LONG_AFTER = later(days=100)


def situation(step: StepName, unit: str = "unit-1", **changes: object) -> Situation:
    """A unit in this step since NOW, asked for, with a manager and all evidence."""
    asked_at = None if step == "preparation" else NOW
    journey = Journey(ROLLOUT_ID, unit, 1, step, "active", NOW, 3, asked_at=asked_at)
    evidence = tuple(Evidence(kind, NOW) for kind in DONE.get(step, ()))
    journey = replace(journey, **changes)  # type: ignore[arg-type]
    return Situation(journey, "Sample unit", 12, has_manager=True, evidence=evidence)


def snapshot(*units: Situation, status: str = "active") -> WaveSnapshot:
    return WaveSnapshot(ROLLOUT_ID, 1, status, TEMPLATE, units)


@pytest.mark.parametrize(
    ("step", "to_step"),
    [
        ("preparation", "baseline"),
        ("baseline", "modules"),
        ("modules", "follow_up"),
        ("follow_up", "after_care"),
    ],
)
def test_each_step_leads_to_the_next(step: StepName, to_step: StepName) -> None:
    (move,) = plan_moves(snapshot(situation(step)), LONG_AFTER)

    assert (move.unit_id, move.version, move.to_step) == ("unit-1", 3, to_step)
    assert (move.release_id is not None) == (to_step in ("baseline", "follow_up"))


@pytest.mark.parametrize("step", ["baseline", "modules", "follow_up"])
def test_no_step_without_each_piece_of_its_evidence(step: StepName) -> None:
    full = situation(step)
    for missing in full.evidence:
        left = tuple(evidence for evidence in full.evidence if evidence != missing)
        unit = replace(full, evidence=left)
        assert plan_moves(snapshot(unit), LONG_AFTER) == ()
        assert outlook(unit, TEMPLATE, (), LONG_AFTER).waiting_for == (missing.kind,)


@pytest.mark.parametrize(("step", "days"), [("preparation", 14), ("modules", 42)])
def test_least_time_in_a_step_binds(step: StepName, days: int) -> None:
    unit, due = situation(step), later(days=days)

    assert plan_moves(snapshot(unit), later(days=days, seconds=-1)) == ()
    assert next_due(snapshot(unit), NOW) == due
    assert outlook(unit, TEMPLATE, (), NOW).waiting_for == ("time",)
    assert len(plan_moves(snapshot(unit), due)) == 1
    assert next_due(snapshot(unit), due) is None


def test_a_round_of_the_step_before_delays_nothing() -> None:
    unit = replace(situation("modules"), round_closes_at=LONG_AFTER)
    assert next_due(snapshot(unit), NOW) == TEMPLATE.steps.modules.min_duration.after(NOW)


def test_preparation_needs_a_manager() -> None:
    unit = replace(situation("preparation"), has_manager=False)

    assert plan_moves(snapshot(unit), LONG_AFTER) == ()
    assert outlook(unit, TEMPLATE, (), LONG_AFTER).waiting_for == ("manager",)


@pytest.mark.parametrize("status", ["waiting", "paused", "completed", "stopped"])
def test_only_an_active_journey_moves(status: str) -> None:
    unit = situation("modules", status=status, asked_at=None)

    assert plan_moves(snapshot(unit), LONG_AFTER) == ()
    assert plan_requests(snapshot(unit), LONG_AFTER) == ()
    assert outlook(unit, TEMPLATE, (), LONG_AFTER).waiting_for == (status,)


@pytest.mark.parametrize("status", ["paused", "stopped", "completed"])
def test_nothing_moves_in_a_rollout_that_is_not_active(status: str) -> None:
    unit, unasked = situation("modules"), situation("modules", "unit-2", asked_at=None)

    assert plan_moves(snapshot(unit, status=status), LONG_AFTER) == ()
    assert plan_requests(snapshot(unasked, status=status), LONG_AFTER) == ()


def test_units_that_enter_a_round_together_are_released_together() -> None:
    first, second = situation("preparation"), situation("preparation", "unit-2")
    other = situation("modules", "unit-3")

    one, two, three = plan_moves(snapshot(first, second, other), LONG_AFTER)
    assert one.release_id == two.release_id != three.release_id
    again = plan_moves(snapshot(first, second, other), later(days=101))
    assert again[0].release_id == one.release_id


def test_after_care_is_dated_from_the_end_of_the_follow_up() -> None:
    (move,) = plan_moves(snapshot(situation("follow_up")), datetime.fromisoformat("2026-08-31T10Z"))

    assert [str(day) for day in move.after_care_on] == ["2027-02-28", "2027-08-31"]


def test_the_newest_evidence_of_the_step_is_the_cause() -> None:
    evidence = (
        Evidence("meeting_held", later(days=2), "trace-meeting"),
        Evidence("action_chosen", later(days=3), "trace-action"),
        Evidence("baseline_released", later(days=9), "trace-of-an-earlier-step"),
    )
    leaving = replace(situation("modules"), evidence=evidence)
    assert cause_of_move(leaving) == "trace-action"
    entered = replace(situation("follow_up", "u1", asked_at=None), evidence=evidence)
    older = replace(situation("follow_up", "u2", asked_at=None), evidence=evidence[:1])
    assert cause_of_request([older, entered]) == "trace-action"
    assert cause_of_request([situation("baseline")]) is None


def test_requests_come_in_batches() -> None:
    release = plan_moves(snapshot(situation("preparation")), LONG_AFTER)[0].release_id
    rounds = [
        replace(situation("baseline", unit, asked_at=None, release_id=release), evidence=())
        for unit in ("u2", "u1")
    ]
    modules = [situation("modules", unit, asked_at=None) for unit in ("u4", "u3")]
    asked = situation("baseline", "u5", release_id=release)

    opening, assigning = plan_requests(snapshot(*rounds, *modules, asked), NOW)

    assert isinstance(opening, OpenRounds)
    assert (opening.unit_ids, opening.release_id) == (("u1", "u2"), release)
    assert (opening.closes_at, opening.release_by) == (later(days=10), later(days=20))
    assert isinstance(assigning, AssignModules)
    assert assigning.unit_ids == ("u3", "u4")
    assert assigning.module_ids == ("intro", "samtal")


@pytest.mark.parametrize("step", ["baseline", "modules", "follow_up"])
def test_a_step_is_not_done_before_its_command_was_taken(step: StepName) -> None:
    release = f"{step}_released"
    unasked = situation(step, asked_at=None, release_id=ROLLOUT_ID)
    unit = replace(unasked, evidence=tuple(e for e in unasked.evidence if e.kind != release))
    assert outlook(unit, TEMPLATE, (), LONG_AFTER).waiting_for[0] == "answer"
    assert len(plan_requests(snapshot(unit), LONG_AFTER)) == 1

    refused = replace(unit, journey=replace(unit.journey, refused="unit-unknown"))
    assert outlook(refused, TEMPLATE, (), LONG_AFTER).waiting_for[0] == "unit-unknown"
    assert plan_moves(snapshot(refused), LONG_AFTER) == ()


@pytest.mark.parametrize("step", ["baseline", "follow_up"])
@pytest.mark.parametrize("refused", [None, "round-in-other-release"])
def test_a_round_whose_results_are_out_was_asked_for(step: StepName, refused: str | None) -> None:
    unit = situation(step, asked_at=None, release_id=ROLLOUT_ID, refused=refused)

    assert outlook(unit, TEMPLATE, (), LONG_AFTER).waiting_for == ()
    assert plan_requests(snapshot(unit), LONG_AFTER) == ()
    assert len(plan_moves(snapshot(unit), LONG_AFTER)) == 1


def test_a_release_waits_for_the_units_of_its_wave_that_can_still_join() -> None:
    release = plan_moves(snapshot(situation("modules")), LONG_AFTER)[0].release_id
    ready = replace(situation("follow_up", "ready", asked_at=None, release_id=release), evidence=())
    units = {
        "early": situation("modules", "early"),
        "held": situation("preparation", "held", status="paused"),
        "resumed": situation(
            "follow_up", "resumed", asked_at=None, release_id=release, status="paused"
        ),
        "late": situation("follow_up", "late", asked_at=None, release_id=ROLLOUT_ID),
        "open": situation("follow_up", "open", release_id=release),
        "gone": situation("modules", "gone", status="stopped"),
    }
    wave = snapshot(ready, *units.values())
    opening = next(r for r in plan_requests(wave, NOW) if r.unit_ids == ("ready",))

    assert isinstance(opening, OpenRounds)
    assert opening.awaited == ("early", "held", "ready", "resumed")


def test_units_that_enter_a_round_one_after_the_other_are_released_together() -> None:
    late = situation("preparation", "late", status="paused")
    (first,) = plan_moves(snapshot(situation("preparation"), late), LONG_AFTER)
    (second,) = plan_moves(snapshot(situation("preparation", "late")), later(days=101))
    assert first.release_id == second.release_id

    journey = situation("baseline", asked_at=None, release_id=first.release_id).journey
    assert journey.paused("renovation", NOW).resumed(NOW).release_id == first.release_id


def test_milestones() -> None:
    ended = situation("after_care", status="completed")
    past = situation("modules", "unit-2")
    paused = situation("preparation", "unit-3", status="paused")
    template = replace(TEMPLATE, waves=replace(TEMPLATE.waves, verified_after="baseline"))

    def of(*units: Situation) -> str:
        return milestone(replace(snapshot(*units), template=template))

    assert of(ended, past, situation("baseline")) == "running"
    assert of(ended, past, paused) == "verified"
    assert of(paused) == "running"
    assert of(ended, situation("modules", status="stopped")) == "ended"
