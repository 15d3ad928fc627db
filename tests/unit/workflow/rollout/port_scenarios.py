"""What every rollout repository must do; run on the one in memory and on the one in PostgreSQL."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from itertools import permutations
from typing import Any
from uuid import uuid4

from unit.workflow.clock import NOW, later
from unit.workflow.pages import page
from unit.workflow.rollout.samples import (
    ADMINISTRATOR,
    HEADCOUNTS,
    PILOTS,
    ROLLOUT_ID,
    SECOND,
    new_journeys,
    new_rollout,
    units,
)
from workflow_service.application.ports import (
    Difference,
    JourneyFilter,
    NewEvidence,
    Reference,
    Transition,
)
from workflow_service.domain.journey.evidence import (
    ActionCheckedBack,
    ActionChosen,
    Evidence,
    EvidenceDetail,
    MeetingHeld,
    ModuleCompleted,
    RoundReleased,
)
from workflow_service.domain.journey.journey import Status
from workflow_service.domain.journey.progress import WaveProgress
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.rollout.gate import CriterionResult, EvaluatedGate, Override
from workflow_service.domain.rollout.rollout import Decision
from workflow_service.domain.rollout.transition import Member
from workflow_service.domain.rollout.waves import Prerequisite, Wave

Open = Callable[[], AbstractAsyncContextManager[Any]]
Scenario = Callable[[Open], Awaitable[None]]
CREATED = Transition(1, "create", "create", ADMINISTRATOR, NOW, None, {"units": 10})


async def _store(open_uow: Open) -> None:
    async with open_uow() as uow:
        await uow.units.save(units())
        await uow.rollouts.add(new_rollout(), list(new_journeys().values()), CREATED)


async def what_is_saved_is_read(open_uow: Open) -> None:
    await _store(open_uow)
    criterion = CriterionResult("a", "inconclusive", None, 70.0, True, False, "x", "y")
    gate = EvaluatedGate("pilot", "inconclusive", NOW, (criterion,))
    gate = replace(gate, override=Override("pass", ADMINISTRATOR, "z", NOW))
    decision = Decision(
        *(uuid4(), "stop", "approved", "RV 1", "x", ADMINISTRATOR, NOW, SECOND, NOW, None)
    )
    prerequisite = Prerequisite("risk_assessment", "x", NOW.date(), ADMINISTRATOR)
    state = replace(
        new_rollout().accepted("override_gate"),
        gate=gate,
        decision=decision,
        evaluate_again_at=later(days=1),
        waves=(Wave(0, "completed", None), Wave(1, "planned", NOW, (prerequisite,))),
        paused_units=("unit-1",),
    )
    async with open_uow() as uow:
        assert await uow.rollouts.lock(ROLLOUT_ID) == new_rollout()
        transition = Transition(2, "r2", "override_gate", SECOND, NOW, "z", {"outcome": "pass"})
        await uow.rollouts.save(state, transition)
    async with open_uow() as uow:
        assert await uow.rollouts.get(ROLLOUT_ID) == state
        assert await uow.rollouts.get(uuid4()) is None
        assert await uow.rollouts.lock(uuid4()) is None
        assert await uow.rollouts.is_known(ROLLOUT_ID, "r2")
        assert not await uow.rollouts.is_known(ROLLOUT_ID, "r3")
        assert await uow.rollouts.transitions(ROLLOUT_ID, page(0, 1)) == ([transition], 2)
        assert await uow.rollouts.transitions(ROLLOUT_ID, page(1, 5)) == ([CREATED], 2)
        assert await uow.rollouts.page(page(0, 5)) == ([state], 1)
        assert await uow.rollouts.page(page(1, 5)) == ([], 1)


async def ended_rollouts_do_not_go_on(open_uow: Open) -> None:
    await _store(open_uow)
    other = replace(new_rollout(), rollout_id=uuid4(), status="paused")
    ended = replace(new_rollout(), rollout_id=uuid4(), status="stopped")
    async with open_uow() as uow:
        for state in (other, ended):
            journey = replace(new_journeys()["unit-1"], rollout_id=state.rollout_id)
            await uow.rollouts.add(state, [journey], CREATED)
    async with open_uow() as uow:
        going = {state.rollout_id for state in await uow.rollouts.going()}
    assert going == {ROLLOUT_ID, other.rollout_id}


async def everybody_knows_of_rollouts_that_have_begun(open_uow: Open) -> None:
    begun = replace(new_rollout(), phase="pilot", status="stopped")
    prepared = replace(new_rollout(), rollout_id=uuid4(), phase="preparation")
    async with open_uow() as uow:
        await uow.units.save(units())
        for state in (begun, prepared):
            journey = replace(new_journeys()["unit-1"], rollout_id=state.rollout_id)
            await uow.rollouts.add(state, [journey], CREATED)
    async with open_uow() as uow:
        assert await uow.rollouts.public(page(0, 5)) == ([begun], 1)
        assert await uow.rollouts.public(page(1, 5)) == ([], 1)


async def units_are_under_way_until_their_journey_has_ended(open_uow: Open) -> None:
    await _store(open_uow)
    gone = [
        new_journeys()["unit-1"].stopped(),
        replace(new_journeys()["pilot-1"], status="completed"),
    ]
    async with open_uow() as uow:
        await uow.rollouts.save_journeys(gone)
    async with open_uow() as uow:
        under_way = await uow.rollouts.units_under_way()
    assert under_way == new_journeys().keys() - {"unit-1", "pilot-1"}


async def units_are_under_way_elsewhere_once_they_have_started(open_uow: Open) -> None:
    await _store(open_uow)
    other = replace(new_rollout(), rollout_id=uuid4())
    waiting, started, over = (
        replace(new_journeys()[unit], rollout_id=other.rollout_id)
        for unit in ("unit-1", "unit-2", "unit-3")
    )
    started, over = started.started(NOW), over.started(NOW).stopped()
    async with open_uow() as uow:
        await uow.rollouts.add(other, [waiting, started, over], CREATED)
    units_ = ["unit-1", "unit-2", "unit-3"]
    async with open_uow() as uow:
        found = await uow.rollouts.under_way_elsewhere(ROLLOUT_ID, units_)
        assert found == {"unit-2": other.rollout_id}
        assert await uow.rollouts.under_way_elsewhere(other.rollout_id, units_) == {}
        assert await uow.rollouts.under_way_elsewhere(ROLLOUT_ID, ["unit-1"]) == {}


async def a_board_has_each_journey_in_short(open_uow: Open) -> None:
    await _store(open_uow)
    other = replace(new_rollout(), rollout_id=uuid4())
    away = [
        replace(new_journeys()[unit].started(NOW), rollout_id=other.rollout_id)
        for unit in ("unit-1", "unit-3")
    ]
    async with open_uow() as uow:
        await uow.rollouts.add(other, away, CREATED)
        await uow.rollouts.save_journeys([new_journeys()["unit-3"].started(NOW)])
    chosen = JourneyFilter(unit_ids=["unit-1", "unit-2", "unit-3", "unknown"])
    async with open_uow() as uow:
        assert await uow.boards.rows(ROLLOUT_ID, chosen, 9) == [
            ("unit-1", "Sample unit-1", None, "preparation", "waiting", True),
            ("unit-2", "Sample unit-2", None, "preparation", "waiting", False),
            ("unit-3", "Sample unit-3", None, "preparation", "active", False),
        ]
        assert len(await uow.boards.rows(ROLLOUT_ID, JourneyFilter(), 9)) == 9
        found = await uow.boards.unit_ids(ROLLOUT_ID, chosen)
        assert sorted(found) == ["unit-1", "unit-2", "unit-3"]
        assert await uow.boards.unit_ids(ROLLOUT_ID, JourneyFilter(unit_ids=[])) == []


async def journeys_are_saved_one_by_one(open_uow: Open) -> None:
    await _store(open_uow)
    one, two = new_journeys()["pilot-1"], new_journeys()["unit-1"]
    one = replace(
        one.started(NOW).asked(later(days=1)).paused("y", NOW).resumed(later(hours=1)),
        release_id=uuid4(),
        refused="x",
        refused_detail="w",
        paused_reason="y",
        after_care_on=(NOW.date(), later(days=9).date()),
    )
    two = two.planned(3)
    async with open_uow() as uow:
        await uow.rollouts.save_journeys([one, two])
        await uow.rollouts.save_journeys([])
    async with open_uow() as uow:
        assert await uow.rollouts.journeys(ROLLOUT_ID) == {
            **new_journeys(),
            "pilot-1": one,
            "unit-1": two,
        }
        assert await uow.rollouts.journeys(
            ROLLOUT_ID, JourneyFilter(unit_ids=["unit-1", "nobody"])
        ) == {"unit-1": two}


async def members_have_their_headcount(open_uow: Open) -> None:
    await _store(open_uow)
    async with open_uow() as uow:
        members = await uow.rollouts.members(ROLLOUT_ID, JourneyFilter(wave=0))
        assert list(members) == list(PILOTS)
        assert members["pilot-2"] == Member(new_journeys()["pilot-2"], HEADCOUNTS["pilot-2"])
        assert len(await uow.rollouts.members(ROLLOUT_ID)) == 10


async def progress_counts_journeys_by_status_and_step(open_uow: Open) -> None:
    await _store(open_uow)
    async with open_uow() as uow:
        started = new_journeys()["pilot-1"].started(NOW)
        await uow.rollouts.save_journeys([started])
    async with open_uow() as uow:
        waiting: tuple[Status, str] = ("waiting", "preparation")
        pilot = WaveProgress({waiting: 3, ("active", "preparation"): 1})
        found = await uow.rollouts.progress(ROLLOUT_ID, [0, 7])
        assert found == {0: pilot, 7: WaveProgress()}
        everything = WaveProgress({waiting: 9, ("active", "preparation"): 1})
        assert await uow.rollouts.progress_of_all(ROLLOUT_ID) == everything


async def situations_hold_what_is_known(open_uow: Open) -> None:
    await _store(open_uow)
    reference = uuid4()
    first = NewEvidence(ROLLOUT_ID, "pilot-1", reference, NOW, MeetingHeld(), "trace")
    again = replace(first, reference=uuid4(), at=later(days=1), traceparent=None)
    chosen = replace(again, at=later(days=2), detail=ActionChosen())
    async with open_uow() as uow:
        await uow.managements.keep(Management("pilot-1", True, NOW, 1))
        for new in (again, first, first, chosen):
            assert await uow.rollouts.add_evidence(new)
        assert not await uow.rollouts.add_evidence(replace(chosen, unit_id="nobody"))
        assert not await uow.rollouts.add_evidence(replace(chosen, rollout_id=uuid4()))
    async with open_uow() as uow:
        found = await uow.rollouts.situations(ROLLOUT_ID, JourneyFilter(wave=0))
        assert [situation.journey.unit_id for situation in found] == list(PILOTS)
        assert found[0].evidence == (
            Evidence("action_chosen", later(days=2)),
            Evidence("meeting_held", NOW, "trace"),
        )
        assert (found[0].name, found[0].headcount, found[0].has_manager) == (
            *("Sample pilot-1", 20),
            True,
        )
        assert not found[1].has_manager
        without, total = await uow.managements.missing(page(0, 2))
        assert ([journey.unit_id for journey in without], total) == (["pilot-2", "pilot-3"], 9)
        (unit, *_) = await uow.rollouts.pilot_evidence(ROLLOUT_ID)
        assert (unit.meetings, unit.actions_chosen) == (2, 1)


async def journeys_that_are_refused_are_stuck(open_uow: Open) -> None:
    await _store(open_uow)
    refused = new_journeys()["pilot-2"].started(NOW).turned_down("instrument-unknown", "No.")
    paused = new_journeys()["pilot-1"].started(NOW).turned_down("x", "y").paused("z", NOW)
    async with open_uow() as uow:
        await uow.rollouts.save_journeys([refused, paused])
    async with open_uow() as uow:
        assert await uow.rollouts.stuck(page(0, 5)) == ([refused], 1)
        assert await uow.rollouts.stuck(page(1, 5)) == ([], 1)
        assert await uow.rollouts.stuck(page(0, 5), ["pilot-2"]) == ([refused], 1)
        assert await uow.rollouts.stuck(page(0, 5), ["pilot-1"]) == ([], 0)
        transition = Transition(2, "r2", "stop", SECOND, NOW, None, {})
        await uow.rollouts.save(replace(new_rollout(), status="stopped"), transition)
        assert await uow.rollouts.stuck(page(0, 5)) == ([], 0)


async def withdrawn_evidence_is_not_found(open_uow: Open) -> None:
    await _store(open_uow)
    first = NewEvidence(ROLLOUT_ID, "pilot-1", uuid4(), NOW, MeetingHeld())
    other = replace(first, reference=uuid4())
    place = (ROLLOUT_ID, "pilot-1", "meeting_held")
    async with open_uow() as uow:
        for new in (first, other):
            await uow.rollouts.add_evidence(new)
        await uow.rollouts.withdraw_evidence(*place, first.reference, later(days=1))
        await uow.rollouts.withdraw_evidence(*place, other.reference, later(days=-1))
        await uow.rollouts.withdraw_evidence(*place, uuid4(), later(days=1))
    async with open_uow() as uow:
        (unit, *_) = await uow.rollouts.pilot_evidence(ROLLOUT_ID)
        assert unit.meetings == 1
        await uow.rollouts.withdraw_evidence(*place, other.reference, later(days=1))
        (unit, *_) = await uow.rollouts.pilot_evidence(ROLLOUT_ID)
        (found, *_) = await uow.rollouts.situations(ROLLOUT_ID, JourneyFilter(wave=0))
        assert (unit.meetings, found.evidence) == (0, ())


async def evidence_recorded_again_counts(open_uow: Open) -> None:
    await _store(open_uow)
    first = NewEvidence(ROLLOUT_ID, "pilot-1", uuid4(), NOW, MeetingHeld())
    again = replace(first, at=later(days=2))
    place = (ROLLOUT_ID, "pilot-1", "meeting_held", first.reference)
    async with open_uow() as uow:
        await uow.rollouts.withdraw_evidence(*place, later(days=1))
        await uow.rollouts.add_evidence(first)  # overtaken by its withdrawal
        (unit, *_) = await uow.rollouts.pilot_evidence(ROLLOUT_ID)
        assert unit.meetings == 0
        await uow.rollouts.add_evidence(again)
        (unit, *_) = await uow.rollouts.pilot_evidence(ROLLOUT_ID)
        (found, *_) = await uow.rollouts.situations(ROLLOUT_ID, JourneyFilter(wave=0))
        assert (unit.meetings, [each.at for each in found.evidence]) == (1, [again.at])


async def the_latest_recording_and_withdrawal_count_in_whatever_order(open_uow: Open) -> None:
    await _store(open_uow)
    first = NewEvidence(ROLLOUT_ID, "pilot-1", uuid4(), NOW, ActionChosen())
    again = replace(first, at=later(days=2), traceparent="again")
    for withdrawn, counts in (
        ([later(days=1)], True),
        ([later(days=2)], False),
        ([later(days=3), later(days=1)], False),
    ):
        for order in permutations([first, again, *withdrawn]):
            reference = uuid4()
            place = (ROLLOUT_ID, "pilot-1", "action_chosen", reference)
            async with open_uow() as uow:
                for each in order:
                    if isinstance(each, NewEvidence):
                        await uow.rollouts.add_evidence(replace(each, reference=reference))
                    else:
                        await uow.rollouts.withdraw_evidence(*place, each)
                (found, *_) = await uow.rollouts.situations(ROLLOUT_ID, JourneyFilter(wave=0))
                (unit, *_) = await uow.rollouts.pilot_evidence(ROLLOUT_ID)
                expected = (Evidence("action_chosen", again.at, "again"),) if counts else ()
                assert found.evidence == expected, order
                assert unit.actions_chosen == len(expected), order
                await uow.rollouts.withdraw_evidence(*place, later(days=4))


async def the_newest_closing_time_of_a_round_counts(open_uow: Open) -> None:
    await _store(open_uow)
    baseline = replace(new_journeys()["pilot-1"], step="baseline")
    place = (ROLLOUT_ID, "pilot-1", "baseline")
    async with open_uow() as uow:
        await uow.rollouts.save_journeys([baseline])
        await uow.rollouts.note_round(*place, later(days=5), NOW)
        await uow.rollouts.note_round(*place, later(days=9), later(days=1))
        await uow.rollouts.note_round(*place, later(days=7), later(hours=1))
    async with open_uow() as uow:
        first, second, *_ = await uow.rollouts.situations(ROLLOUT_ID, JourneyFilter(wave=0))
        assert (first.round_closes_at, second.round_closes_at) == (later(days=9), None)


async def what_is_published_is_known(open_uow: Open) -> None:
    instrument, module = Reference("instrument", "um", 2), Reference("module", "intro")
    async with open_uow() as uow:
        assert await uow.references.unknown([instrument, module]) == [instrument, module]
        await uow.references.add("instrument", "um", 1)
        await uow.references.add("module", "intro", 3)
        await uow.references.add("module", "intro", 3)
    async with open_uow() as uow:
        assert await uow.references.unknown([instrument, module]) == [instrument]
        assert await uow.references.unknown([]) == []
        known = {Reference("instrument", "um", 1), Reference("module", "intro", 3)}
        assert await uow.references.all() == known


async def journeys_are_found_by_what_is_wanted(open_uow: Open) -> None:
    await _store(open_uow)

    async def ids(wanted: JourneyFilter, offset: int = 0, limit: int = 50) -> tuple[list[str], int]:
        async with open_uow() as uow:
            found, total = await uow.rollouts.situations_page(
                ROLLOUT_ID, wanted, page(offset, limit)
            )
        return [situation.journey.unit_id for situation in found], total

    assert await ids(JourneyFilter(wave=0), 1, 2) == (["pilot-2", "pilot-3"], 4)
    assert await ids(JourneyFilter(status="paused")) == ([], 0)
    assert await ids(JourneyFilter(unit_ids=frozenset(["unit-2", "x"]))) == (["unit-2"], 1)
    assert await ids(JourneyFilter(unit_ids=frozenset())) == ([], 0)
    assert (await ids(JourneyFilter()))[1] == 10
    assert (await ids(JourneyFilter(step="preparation")))[1] == 10
    assert await ids(JourneyFilter(step="modules")) == ([], 0)
    assert await ids(JourneyFilter(text="LOT-3")) == (["pilot-3"], 1)
    for wildcard in ("%", "_", "\\", "lot%3"):
        assert await ids(JourneyFilter(text=wildcard)) == ([], 0)


async def journeys_are_found_by_the_units_name(open_uow: Open) -> None:
    await _store(open_uow)
    async with open_uow() as uow:
        unit = (await uow.units.all())["unit-2"]
        facts = replace(unit.facts, name="Öppenvård Åmål")
        await uow.units.save([replace(unit, facts=facts)])
    async with open_uow() as uow:
        found = await uow.rollouts.situations(ROLLOUT_ID, JourneyFilter(text="vård åmål"))
    assert [each.journey.unit_id for each in found] == ["unit-2"]


async def a_unit_knows_its_journeys(open_uow: Open) -> None:
    await _store(open_uow)
    later_id = uuid4()
    state = replace(new_rollout(), rollout_id=later_id)
    journeys = [replace(new_journeys()["unit-2"], rollout_id=later_id)]
    async with open_uow() as uow:
        await uow.rollouts.add(state, journeys, replace(CREATED, at=later(hours=1)))
    async with open_uow() as uow:
        found = await uow.rollouts.journeys_of("unit-2")
        assert [(r.rollout_id, j.rollout_id) for r, j in found] == [
            (later_id, later_id),
            (ROLLOUT_ID, ROLLOUT_ID),
        ]
        assert await uow.rollouts.journeys_of("unit-9") == []


async def evidence_is_known_by_its_reference(open_uow: Open) -> None:
    await _store(open_uow)
    counts, withdrawn = uuid4(), uuid4()
    async with open_uow() as uow:
        new = NewEvidence(ROLLOUT_ID, "pilot-1", counts, NOW, MeetingHeld())
        await uow.rollouts.add_evidence(new)
        place = (ROLLOUT_ID, "pilot-1", "action_chosen")
        await uow.rollouts.withdraw_evidence(*place, withdrawn, NOW)
    async with open_uow() as uow:
        assert await uow.rollouts.references_of_evidence(ROLLOUT_ID) == {
            ("pilot-1", "meeting_held", counts),
            ("pilot-1", "action_chosen", withdrawn),
        }
        assert await uow.rollouts.references_of_evidence(uuid4()) == frozenset()


async def differences_stay_until_they_are_not_found(open_uow: Open) -> None:
    of_unit = Difference("orphan", "unit", unit_id="pilot-1", what="content", code="unit-lost")
    of_round = Difference("orphan", "round", ROLLOUT_ID, "pilot-2", "x", "round-not-needed")
    of_all = Difference("orphan", "module", what="start 2", code="module-lost")
    for found in ([of_unit, of_all], [of_unit, of_round, of_all, of_unit]):
        async with open_uow() as uow:
            await uow.differences.replace(found)
        async with open_uow() as uow:
            rows, total = await uow.differences.page(page(0, 50))
            assert (set(rows), total) == (set(found), len(set(found)))
    async with open_uow() as uow:
        rows, total = await uow.differences.page(page(0, 50), ["pilot-2"])
        assert (rows, total) == ([of_all, of_round], 2)
        rows, total = await uow.differences.page(page(1, 1))
        assert (rows, total) == ([of_round], 3)
        await uow.differences.replace([])
    async with open_uow() as uow:
        assert await uow.differences.page(page(0, 50)) == ([], 0)


async def released_rounds_are_pilot_evidence(open_uow: Open) -> None:
    await _store(open_uow)
    details: list[tuple[str, EvidenceDetail]] = [
        ("pilot-1", RoundReleased("baseline_released", 75, {"engagement": 55})),
        ("pilot-1", RoundReleased("follow_up_released")),
        ("pilot-2", ModuleCompleted("intro")),
        ("pilot-2", ActionCheckedBack()),
    ]
    async with open_uow() as uow:
        for unit, detail in details:
            await uow.rollouts.add_evidence(NewEvidence(ROLLOUT_ID, unit, uuid4(), NOW, detail))
        journeys = await uow.rollouts.journeys(ROLLOUT_ID)
        await uow.rollouts.save_journeys([journeys["pilot-2"].stopped()])
    async with open_uow() as uow:
        first, second, *_ = await uow.rollouts.pilot_evidence(ROLLOUT_ID)
    assert first.baseline == RoundReleased("baseline_released", 75, {"engagement": 55})
    assert first.follow_up == RoundReleased("follow_up_released")
    assert (second.baseline, second.modules_completed) == (None, {"intro"})
    assert second.actions_checked_back == 1
    assert (first.stopped, second.stopped) == (False, True)


SCENARIOS: list[Scenario] = [
    what_is_saved_is_read,
    ended_rollouts_do_not_go_on,
    everybody_knows_of_rollouts_that_have_begun,
    units_are_under_way_until_their_journey_has_ended,
    units_are_under_way_elsewhere_once_they_have_started,
    a_board_has_each_journey_in_short,
    journeys_are_saved_one_by_one,
    members_have_their_headcount,
    progress_counts_journeys_by_status_and_step,
    situations_hold_what_is_known,
    journeys_that_are_refused_are_stuck,
    withdrawn_evidence_is_not_found,
    evidence_recorded_again_counts,
    the_latest_recording_and_withdrawal_count_in_whatever_order,
    the_newest_closing_time_of_a_round_counts,
    what_is_published_is_known,
    journeys_are_found_by_what_is_wanted,
    journeys_are_found_by_the_units_name,
    a_unit_knows_its_journeys,
    released_rounds_are_pilot_evidence,
    evidence_is_known_by_its_reference,
    differences_stay_until_they_are_not_found,
]
