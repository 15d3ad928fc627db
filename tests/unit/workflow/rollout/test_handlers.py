"""Rollout and wave use cases on a store in memory: one effect per request, history, moves."""

from dataclasses import replace
from uuid import uuid4

import pytest

from unit.workflow.clock import NOW, later
from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.pages import page
from unit.workflow.rollout.samples import (
    ADMINISTRATOR,
    HEADCOUNTS,
    OTHERS,
    PILOTS,
    ROLLOUT_ID,
    SECOND,
    TEMPLATE,
    new_rollout,
    uow_with_rollout,
)
from workflow_service.application.journey.handlers import read_wave, record_moves, store_evidence
from workflow_service.application.ports import ActionRequest, JourneyFilter, NewEvidence
from workflow_service.application.rollout.commands import (
    Advanced,
    CreateRollout,
    PerformAction,
)
from workflow_service.application.rollout.handlers import advance, create_rollout, perform
from workflow_service.application.rollout.open_problems import OpenProblem, list_open_problems
from workflow_service.application.rollout.queries import list_journeys
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey import journey as j
from workflow_service.domain.journey.evidence import MeetingHeld, RoundReleased
from workflow_service.domain.journey.turn import plan_moves
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.rollout import MAX_UNITS, RolloutCreated
from workflow_service.domain.rollout.waves import LEGAL_PREREQUISITES


async def do(
    uow: FakeUnitOfWork,
    command: c.AnyCommand,
    by: str = ADMINISTRATOR,
    request_id: str | None = None,
    expected_version: int | None = None,
) -> Advanced:
    request = ActionRequest(command, by, request_id or str(uuid4()), expected_version)
    return await perform(PerformAction(ROLLOUT_ID, request), uow)


async def test_a_new_rollout_has_a_waiting_journey_for_each_unit() -> None:
    uow = await uow_with_rollout()

    journeys = await uow.rollouts.journeys(ROLLOUT_ID)
    assert {unit for unit, journey in journeys.items() if journey.wave == 0} == set(PILOTS)
    assert {journey.status for journey in journeys.values()} == {"waiting"}
    members = (*PILOTS, *OTHERS)
    assert uow.events == [RolloutCreated(ROLLOUT_ID, "Sample rollout", "um", 1, members)]


@pytest.mark.parametrize(
    ("pilots", "others", "pointers"),
    [
        (("nobody",), None, ["/pilot_unit_ids/0"]),
        (PILOTS, ("unit-1", "nobody", "none"), ["/unit_ids/1", "/unit_ids/2"]),
        ((*PILOTS, *OTHERS), None, ["/pilot_unit_ids"]),
        (PILOTS, (), ["/pilot_unit_ids"]),
        ((*PILOTS, "pilot-1"), None, ["/pilot_unit_ids/4"]),
        (PILOTS, ("unit-1", "unit-1"), ["/unit_ids/1"]),
    ],
)
async def test_units_that_cannot_take_part_are_all_named(
    pilots: tuple[str, ...], others: tuple[str, ...] | None, pointers: list[str]
) -> None:
    uow = await uow_with_rollout()
    create = CreateRollout(uuid4(), "Other", "um", 1, pilots, others, ADMINISTRATOR)

    with pytest.raises(DomainError) as caught:
        await create_rollout(create, uow)
    assert [error["pointer"] for error in caught.value.errors] == pointers


@pytest.mark.parametrize("named", [True, False])
async def test_a_rollout_that_is_too_large_is_refused(named: bool) -> None:
    uow = await uow_with_rollout()
    many = [
        Unit(UnitFacts(f"many-{number}", "Sample", "unit", None, 9), 1)
        for number in range(MAX_UNITS + 1)
    ]
    await uow.units.save(many)
    unit_ids = tuple(unit.unit_id for unit in many) if named else None
    create = CreateRollout(uuid4(), "Other", "um", 1, PILOTS, unit_ids, ADMINISTRATOR)

    with pytest.raises(DomainError) as caught:
        await create_rollout(create, uow)
    (error,) = caught.value.errors
    assert error["pointer"] == "/unit_ids"
    assert "7000 at most" in error["detail"]


async def test_starting_the_pilot_starts_its_journeys_and_names_the_wave() -> None:
    uow = await uow_with_rollout()
    advanced = await do(uow, c.StartPilot())

    assert (advanced.state.phase, advanced.state.version, advanced.nudge) == ("pilot", 2, (0,))
    started = [event for event in uow.events if isinstance(event, j.StepStarted)]
    assert {event.unit_id: event.nameable for event in started} == {
        unit: HEADCOUNTS[unit] >= 7 for unit in PILOTS
    }


async def test_a_unit_under_way_in_another_rollout_starts_in_no_second_one() -> None:
    uow = await uow_with_rollout()
    await do(uow, c.StartPilot())
    other = uuid4()
    shared = ("pilot-1", "unit-1")
    await create_rollout(
        CreateRollout(other, "Other", "um", 1, shared, ("unit-2",), ADMINISTRATOR), uow
    )
    state = uow.rollouts.rows[ROLLOUT_ID]
    uow.rollouts.rows[other] = uow.rollouts.rows[other].with_wave(
        0, prerequisites=state.waves[0].prerequisites
    )
    request = ActionRequest(c.StartPilot(), ADMINISTRATOR, str(uuid4()))
    with pytest.raises(DomainError, match=f"pilot-1 in rollout {ROLLOUT_ID}") as caught:
        await perform(PerformAction(other, request), uow)
    assert (caught.value.code, caught.value.kind) == ("unit-in-other-rollout", "conflict")

    await do(uow, c.StopUnit("pilot-1", "Goes on in the other rollout"))
    assert (await perform(PerformAction(other, request), uow)).state.phase == "pilot"


async def uow_with_waves(size: int) -> FakeUnitOfWork:
    """The wide introduction may start: wave 1 has its prerequisites."""
    uow = await uow_with_rollout()
    await do(uow, c.StartPilot())
    complete_wave(uow, 0)
    await advance(ROLLOUT_ID, uow)
    await do(uow, c.OverrideGate("pass", "x"))
    proposal = c.ProposeDecision("broad_introduction", "x", "RV 1")
    await do(uow, proposal)
    await do(uow, c.ApproveDecision(proposal.decision_id), by=SECOND)
    await do(uow, c.PlanWaves(size))
    await record_prerequisites(uow, 1)
    return uow


def complete_wave(uow: FakeUnitOfWork, wave: int) -> None:
    for unit, journey in uow.rollouts.units[ROLLOUT_ID].items():
        if journey.wave == wave:
            ended = replace(journey, step="after_care", status="completed")
            uow.rollouts.units[ROLLOUT_ID][unit] = ended


async def record_prerequisites(uow: FakeUnitOfWork, wave: int) -> None:
    for kind in LEGAL_PREREQUISITES:
        await do(uow, c.RecordPrerequisite(wave, kind, "x", NOW.date()))


def start_elsewhere(uow: FakeUnitOfWork, wave: int) -> j.Journey:
    """A unit of this wave is under way in another rollout from now on."""
    units = uow.rollouts.units[ROLLOUT_ID].values()
    unit = next(journey for journey in units if journey.wave == wave)
    other = replace(unit, rollout_id=uuid4(), wave=0).started(NOW)
    state = replace(new_rollout(), rollout_id=other.rollout_id)
    uow.rollouts.rows[other.rollout_id] = state
    uow.rollouts.units[other.rollout_id] = {other.unit_id: other}
    return other


async def test_no_introduction_begins_while_a_unit_of_its_first_wave_is_under_way_elsewhere() -> (
    None
):
    uow = await uow_with_waves(size=3)
    other = start_elsewhere(uow, 1)

    place = f"{other.unit_id} in rollout {other.rollout_id}"
    with pytest.raises(DomainError, match=place) as caught:
        await do(uow, c.StartBroadIntroduction())
    assert (caught.value.code, caught.value.kind) == ("unit-in-other-rollout", "conflict")

    await uow.rollouts.save_journeys([other.stopped()])
    assert (await do(uow, c.StartBroadIntroduction())).state.running_waves == (1,)


async def test_a_later_wave_waits_while_one_of_its_units_is_under_way_elsewhere() -> None:
    uow = await uow_with_waves(size=3)
    await do(uow, c.StartBroadIntroduction())
    await record_prerequisites(uow, 2)
    other = start_elsewhere(uow, 2)
    complete_wave(uow, 1)
    uow.time = later(days=60)

    waiting = await advance(ROLLOUT_ID, uow)
    assert (waiting.state.running_waves, waiting.next_due) == ((), None)
    await uow.rollouts.save_journeys([other.stopped()])
    assert (await advance(ROLLOUT_ID, uow)).state.running_waves == (2,)


async def test_what_a_later_wave_waits_for_is_named() -> None:
    uow = await uow_with_waves(size=3)
    await do(uow, c.StartBroadIntroduction())
    await record_prerequisites(uow, 2)
    other = start_elsewhere(uow, 2)

    async def problems() -> list[OpenProblem]:
        found, _ = await list_open_problems(page(0, 50), uow)
        return [each for each in found if each.code == "unit-in-other-rollout"]

    assert await problems() == []  # Its start has not come.
    complete_wave(uow, 1)
    uow.time = later(days=60)
    await advance(ROLLOUT_ID, uow)
    (problem,) = await problems()
    assert other.unit_id not in {
        each.unit_id for each in (await list_open_problems(page(0, 50), uow, ["pilot-1"]))[0]
    }
    place = (problem.rollout_id, problem.unit_id, problem.step)
    assert place == (ROLLOUT_ID, other.unit_id, "preparation")
    assert str(other.rollout_id) in problem.detail

    found, _ = await list_journeys(ROLLOUT_ID, JourneyFilter(wave=2), page(0, 50), uow)
    waits = {view.situation.journey.unit_id: view.outlook.waiting_for for view in found}
    assert waits.pop(other.unit_id) == ("waiting", "unit-in-other-rollout")
    assert set(waits.values()) == {("waiting",)}

    await uow.rollouts.save_journeys([other.stopped()])
    assert await problems() == []


async def test_what_a_template_names_in_vain_is_an_open_problem_until_it_is_known() -> None:
    uow = await uow_with_rollout()
    refused = uow.rollouts.units[ROLLOUT_ID]["pilot-1"].started(NOW).turned_down("x", "No.")
    await uow.rollouts.save_journeys([refused])

    async def listed(offset: int = 0, limit: int = 50) -> list[tuple[str | None, str | None, str]]:
        found, total = await list_open_problems(page(offset, limit), uow)
        assert total == 4
        return [(each.unit_id, each.step, each.code) for each in found]

    everything = await listed()
    assert everything == [
        (None, "baseline", "instrument-unknown"),
        (None, "modules", "module-unknown"),
        (None, "modules", "module-unknown"),
        ("pilot-1", "preparation", "x"),
    ]
    assert [*await listed(0, 2), *await listed(2, 2)] == everything
    elsewhere, total = await list_open_problems(page(0, 50), uow, ["pilot-2"])
    assert ([each.unit_id for each in elsewhere], total) == ([None, None, None], 3)
    assert await listed(4, 2) == []

    await uow.references.add("instrument", "um-seven", 1)
    for module_id in TEMPLATE.steps.modules.module_ids:
        await uow.references.add("module", module_id, 1)
    assert [each.code for each in (await list_open_problems(page(0, 50), uow))[0]] == ["x"]


async def test_the_same_request_has_one_effect() -> None:
    uow = await uow_with_rollout()
    first = await do(uow, c.StartPilot(), request_id="same")
    events = len(uow.events)
    second = await do(uow, c.StartPilot(), request_id="same", expected_version=1)

    assert second.state == first.state
    assert second.nudge == (0,)
    assert len(uow.events) == events


async def test_a_refused_request_leaves_nothing() -> None:
    uow = await uow_with_rollout()
    with pytest.raises(DomainError, match="Read it again"):
        await do(uow, c.StartPilot(), expected_version=7)

    _, total = await uow.rollouts.transitions(ROLLOUT_ID, page(0, 10))
    assert total == 1


async def test_history_tells_who_did_what_and_why() -> None:
    uow = await uow_with_rollout()
    await do(uow, c.StartPilot())
    await do(uow, c.PauseUnit("pilot-2", "Renovation"), by=SECOND)

    history, _ = await uow.rollouts.transitions(ROLLOUT_ID, page(0, 1))
    (pause,) = history
    assert (pause.version, pause.action, pause.by, pause.reason) == (
        *(3, "pause_unit", SECOND),
        "Renovation",
    )
    assert pause.detail == {"unit_id": "pilot-2"}


async def test_history_keeps_what_a_correction_replaced() -> None:
    uow = await uow_with_waves(size=3)
    wrong = c.RecordPrerequisite(2, "risk_assessment", "RV 1", NOW.date())
    await do(uow, wrong)
    await do(uow, replace(wrong, reference="RV 2", reason="Wrong number"), by=SECOND)

    history, _ = await uow.rollouts.transitions(ROLLOUT_ID, page(0, 2))
    noted = [(each.by, each.reason, each.detail["reference"]) for each in history]
    assert noted == [(SECOND, "Wrong number", "RV 2"), (ADMINISTRATOR, None, "RV 1")]


async def test_evidence_carries_a_pilot_to_its_gate() -> None:
    uow = await uow_with_rollout()
    await do(uow, c.StartPilot())
    for unit, journey in (await uow.rollouts.journeys(ROLLOUT_ID)).items():
        if journey.wave == 0:
            ended = replace(journey, step="after_care", status="completed")
            await uow.rollouts.save_journeys([ended])
            detail = RoundReleased("baseline_released", 75)
            await store_evidence(NewEvidence(ROLLOUT_ID, unit, uuid4(), NOW, detail), uow)

    uow.time = later(days=1)
    advanced = await advance(ROLLOUT_ID, uow)
    gate = advanced.state.gate
    assert gate is not None
    assert (gate.outcome, gate.criteria[0].hidden) == ("inconclusive", True)


async def test_a_wave_moves_only_what_has_not_changed_since() -> None:
    uow = await uow_with_rollout()
    await do(uow, c.StartPilot())
    snapshot = await read_wave(ROLLOUT_ID, 0, uow)
    moves = plan_moves(snapshot, later(days=14))
    assert len(moves) == 4

    await do(uow, c.PauseUnit("pilot-1", "Renovation"))
    del uow.events[:]
    after = await record_moves(ROLLOUT_ID, 0, moves, uow)
    assert after == await read_wave(ROLLOUT_ID, 0, uow)
    steps = [event for event in uow.events if isinstance(event, j.StepStarted)]
    assert [event.unit_id for event in steps] == list(PILOTS[1:])
    del uow.events[:]
    assert await record_moves(ROLLOUT_ID, 0, moves, uow) == after
    assert uow.events == []

    await do(uow, c.Pause("Summer"))
    again = plan_moves(replace(snapshot, rollout_status="active"), later(days=14))
    del uow.events[:]
    paused = await record_moves(ROLLOUT_ID, 0, again, uow)
    assert (paused.rollout_status, uow.events) == ("paused", [])


async def test_a_pause_between_plan_and_record_makes_the_wave_wait() -> None:
    uow = await uow_with_rollout()
    await do(uow, c.StartPilot())
    moves = plan_moves(await read_wave(ROLLOUT_ID, 0, uow), later(days=14))
    uow.time = later(days=10)
    await do(uow, c.Pause("Summer"))
    uow.time = later(days=13)
    await do(uow, c.Resume("Autumn"))
    del uow.events[:]
    after = await record_moves(ROLLOUT_ID, 0, moves, uow)
    assert (after.rollout_status, uow.events) == ("active", [])
    assert len(plan_moves(after, later(days=17))) == len(moves)


async def test_evidence_without_a_journey_is_not_stored() -> None:
    uow = await uow_with_rollout()
    for rollout_id, unit in ((ROLLOUT_ID, "nobody"), (uuid4(), "pilot-1")):
        new = NewEvidence(rollout_id, unit, uuid4(), NOW, MeetingHeld())
        assert not await store_evidence(new, uow)
    assert uow.rollouts.evidence == {}
