"""Events become evidence once; waves are hinted at only when a unit can move."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts import assessment as a
from contracts import content as t
from contracts import people as p
from servicekit.consumer_group import EventMeta
from support.eventually import eventually
from unit.workflow.clock import NOW, later
from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.rollout.samples import ROLLOUT_ID, TEMPLATE, uow_with_rollout
from workflow_service.application.ports import ActionRequest, EngineUnavailable, JourneyFilter
from workflow_service.application.rollout.commands import PerformAction
from workflow_service.application.rollout.handlers import advance, perform
from workflow_service.application.template.handlers import unknown_references
from workflow_service.domain.journey.evidence import RoundReleased
from workflow_service.domain.journey.turn import outlook
from workflow_service.domain.rollout import commands as c
from workflow_service.entrypoints.events import EVIDENCE_SKIPPED, WaveHints, consumer_groups

LONG_AGO = NOW - timedelta(days=100)


class FakeEngine:
    """Remembers nudges, and how many never came; can be away."""

    def __init__(self) -> None:
        self.nudged: list[int] = []
        self.woken: list[UUID] = []
        self.missed = 0
        self.away = False

    async def start_rollout(self, rollout_id: UUID) -> None:
        raise NotImplementedError

    async def nudge_rollout(self, rollout_id: UUID) -> None:
        self.woken.append(rollout_id)

    async def start_wave(self, rollout_id: UUID, wave: int) -> None:
        raise NotImplementedError

    async def perform(self, rollout_id: UUID, request: ActionRequest) -> int:
        raise NotImplementedError

    async def nudge_wave(self, rollout_id: UUID, wave: int) -> None:
        if self.away:
            self.missed += 1
            raise EngineUnavailable("away")
        self.nudged.append(wave)


def opener(uow: FakeUnitOfWork) -> Callable[[], Any]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeUnitOfWork]:
        yield uow

    return opened


async def piloting() -> FakeUnitOfWork:
    """The pilot was started so long ago that time holds nobody back."""
    uow = await uow_with_rollout()
    uow.time = LONG_AGO
    request = ActionRequest(c.StartPilot(), "administrator", "r1")
    await perform(PerformAction(ROLLOUT_ID, request), uow)
    uow.time = NOW
    return uow


def meta(at: datetime = NOW) -> EventMeta:
    return EventMeta(uuid4(), "x", at, "00-" + "a" * 32 + "-" + "b" * 16 + "-01")


def released(band: str | None, index: int | None) -> a.ResultsReleased:
    return a.ResultsReleased(
        round_id=uuid4(),
        release_id=uuid4(),
        rollout_id=ROLLOUT_ID,
        unit_id="pilot-1",
        occasion="baseline",
        visibility="hidden" if band is None else "shown",
        participation_band="0-49",  # the unit's own, which does not count
        release_participation_band=band,
        behaviours=(a.BehaviourIndex(code="engagement", index=index),),
    )


async def take(uow: FakeUnitOfWork, event: Any, at: datetime = NOW) -> None:
    groups = consumer_groups(WaveHints(opener(uow), FakeEngine(), 1))
    (handler,) = [group.handlers[type(event)] for group in groups if type(event) in group.handlers]
    await handler(event, uow, meta(at))


@pytest.mark.parametrize(
    ("band", "index", "participation", "indices"),
    [("75-89", 55, 75, {"engagement": 55}), (None, None, None, {}), ("?", None, None, {})],
)
async def test_results_become_evidence(
    band: str | None, index: int | None, participation: int | None, indices: dict[str, int]
) -> None:
    uow = await piloting()
    event = released(band, index)
    await take(uow, event)
    await take(uow, event)

    (kept,) = uow.rollouts.evidence.values()
    assert (kept.at, kept.traceparent) == (NOW, meta().traceparent)
    assert kept.detail == RoundReleased("baseline_released", participation, indices)


async def test_practice_becomes_evidence() -> None:
    uow = await piloting()
    place: dict[str, Any] = {"rollout_id": ROLLOUT_ID, "unit_id": "pilot-1"}
    day = date(2026, 3, 2)
    for event in (
        t.MeetingHeld(meeting_id=uuid4(), variant="30", held_on=day, headcount=9, **place),
        t.ActionChosen(action_id=uuid4(), behaviour="engagement", check_back_on=day, **place),
        t.ActionCheckedBack(action_id=uuid4(), outcome="kept", **place),
        t.AssignmentCompleted(assignment_id=uuid4(), module_id="intro", **place),
    ):
        await take(uow, event)

    (unit, *_) = await uow.rollouts.pilot_evidence(ROLLOUT_ID)
    assert (unit.meetings, unit.actions_chosen, unit.actions_checked_back) == (1, 1, 1)
    assert unit.modules_completed == {"intro"}


async def test_withdrawn_evidence_does_not_count() -> None:
    uow = await piloting()
    place: dict[str, Any] = {"rollout_id": ROLLOUT_ID, "unit_id": "pilot-1"}
    day, meeting, action = date(2026, 3, 2), uuid4(), uuid4()
    for event in (
        t.MeetingHeld(meeting_id=meeting, variant="30", held_on=day, headcount=9, **place),
        t.ActionChosen(action_id=action, behaviour="engagement", check_back_on=day, **place),
        t.ActionCheckedBack(action_id=action, outcome="kept", **place),
        t.MeetingWithdrawn(meeting_id=meeting, **place),
        t.ActionWithdrawn(action_id=action, **place),
    ):
        await take(uow, event)

    (unit, *_) = await uow.rollouts.pilot_evidence(ROLLOUT_ID)
    assert (unit.meetings, unit.actions_chosen, unit.actions_checked_back) == (0, 0, 0)


async def test_a_corrected_pilot_is_evaluated_again() -> None:
    uow = await piloting()
    meeting = uuid4()
    place: dict[str, Any] = {"rollout_id": ROLLOUT_ID, "unit_id": "pilot-1"}
    for unit, journey in uow.rollouts.units[ROLLOUT_ID].items():
        if journey.wave == 0:
            ended = replace(journey, step="after_care", status="completed")
            uow.rollouts.units[ROLLOUT_ID][unit] = ended
    evaluated = (await advance(ROLLOUT_ID, uow)).state
    uow.time = later(days=1)
    await take(uow, t.MeetingWithdrawn(meeting_id=meeting, **place))

    state = uow.rollouts.rows[ROLLOUT_ID]
    assert evaluated.gate
    assert state.gate
    assert (evaluated.gate.evaluated_at, state.gate.evaluated_at) == (NOW, later(days=1))
    assert state.changes[-1].action == "evaluate_again"

    uow.rollouts.rows[ROLLOUT_ID] = replace(state, status="stopped")
    await take(uow, t.MeetingWithdrawn(meeting_id=meeting, **place))
    assert uow.rollouts.rows[ROLLOUT_ID].version == state.version


async def test_published_instruments_and_modules_are_known() -> None:
    uow = await piloting()
    instrument = a.InstrumentPublished(instrument_id="um-seven", version=1)
    await take(uow, instrument)
    await take(uow, t.ModulePublished(module_id="intro", version=4, behaviours=()))

    unknown = await unknown_references(TEMPLATE, uow)
    assert list(unknown.values()) == ["/steps/modules/module_ids/1"]


async def test_the_closing_time_of_a_round_is_the_one_published_last() -> None:
    uow = await piloting()
    place: dict[str, Any] = {"rollout_id": ROLLOUT_ID, "unit_id": "pilot-1", "occasion": "baseline"}
    extended = a.RoundExtended(round_id=uuid4(), closes_at=later(days=9), **place)
    await take(uow, extended)
    baseline = replace(uow.rollouts.units[ROLLOUT_ID]["pilot-1"], step="baseline", asked_at=NOW)
    uow.rollouts.units[ROLLOUT_ID]["pilot-1"] = baseline

    (first, *_) = await uow.rollouts.situations(ROLLOUT_ID, JourneyFilter(wave=0))
    assert outlook(first, TEMPLATE, (), NOW).next_step_at == later(days=9)

    closed = a.RoundClosed(round_id=extended.round_id, closed_on=NOW.date(), **place)
    await take(uow, closed, later(days=2))
    (first, *_) = await uow.rollouts.situations(ROLLOUT_ID, JourneyFilter(wave=0))
    assert outlook(first, TEMPLATE, (), NOW).next_step_at == later(days=2)


ELSEWHERE: list[dict[str, Any]] = [
    {"rollout_id": uuid4(), "unit_id": "pilot-1"},
    {"rollout_id": ROLLOUT_ID, "unit_id": "nobody"},
]


@pytest.mark.parametrize("place", ELSEWHERE, ids=["rollout", "unit"])
async def test_evidence_without_a_journey_here_is_skipped(
    place: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    uow, skipped = await piloting(), EVIDENCE_SKIPPED._value.get()
    await take(uow, released("75-89", 55).model_copy(update=place))

    assert uow.rollouts.evidence == {}
    assert EVIDENCE_SKIPPED._value.get() == skipped + 1
    (line,) = caplog.messages
    assert str(place["rollout_id"]) in line
    assert place["unit_id"] in line


@pytest.mark.parametrize("place", ELSEWHERE, ids=["rollout", "unit"])
async def test_a_withdrawal_without_a_journey_here_changes_nothing(place: dict[str, Any]) -> None:
    uow = await piloting()
    before = dict(uow.rollouts.rows)
    await take(uow, t.MeetingWithdrawn(meeting_id=uuid4(), **place))
    assert uow.rollouts.rows == before


async def test_only_rollouts_under_way_are_woken() -> None:
    uow, engine = await piloting(), FakeEngine()
    meetings = [
        t.MeetingWithdrawn(meeting_id=uuid4(), rollout_id=rollout_id, unit_id="pilot-1")
        for rollout_id in (ROLLOUT_ID, uuid4())
    ]
    await WaveHints(opener(uow), engine, 1).wake_rollouts(meetings)
    assert engine.woken == [ROLLOUT_ID]


@asynccontextmanager
async def hinting(uow: FakeUnitOfWork, engine: FakeEngine) -> AsyncIterator[WaveHints]:
    hints, stop = WaveHints(opener(uow), engine, 0.01, retry_seconds=0.01), asyncio.Event()
    task = asyncio.create_task(hints.run(stop))
    yield hints
    stop.set()
    await task


async def test_running_waves_hear_at_the_start_and_then_only_when_a_unit_can_move() -> None:
    uow, engine = await piloting(), FakeEngine()
    async with hinting(uow, engine) as hints:
        await eventually(lambda: answer(engine.nudged == [0]))
        waiting = replace(uow.rollouts.units[ROLLOUT_ID]["pilot-1"], step="baseline")
        uow.rollouts.units[ROLLOUT_ID]["pilot-1"] = replace(waiting, asked_at=NOW)
        for unit in ("pilot-2", "pilot-3", "pilot-4"):
            held = replace(uow.rollouts.units[ROLLOUT_ID][unit], status="paused")
            uow.rollouts.units[ROLLOUT_ID][unit] = held
        event = released("75-89", 55)
        await hints.note([event])
        await eventually(lambda: answer(not hints._touched))
        assert engine.nudged == [0]

        await take(uow, event)
        await hints.note([event])
        await eventually(lambda: answer(engine.nudged == [0, 0]))


async def test_a_new_manager_is_news_for_every_rollout_of_the_unit() -> None:
    uow, engine = await piloting(), FakeEngine()
    for journey in list(uow.rollouts.units[ROLLOUT_ID].values())[1:]:
        uow.rollouts.units[ROLLOUT_ID][journey.unit_id] = replace(journey, status="paused")
    async with hinting(uow, engine) as hints:
        await eventually(lambda: answer(engine.nudged == [0]))
        news = p.UnitManagerChanged(unit_id="pilot-1", manager="changed", version=3)
        await take(uow, news)
        await hints.note([news])
        await eventually(lambda: answer(engine.nudged == [0, 0]))


async def test_after_an_outage_all_running_waves_hear() -> None:
    uow, engine = await piloting(), FakeEngine()
    async with hinting(uow, engine) as hints:
        await eventually(lambda: answer(engine.nudged == [0]))
        engine.away = True
        await hints.note([released("75-89", 55)])
        await eventually(lambda: answer(engine.missed > 0))
        engine.away = False  # Which units the missed hint concerned is forgotten by now.
        await eventually(lambda: answer(engine.nudged == [0, 0]))


async def answer(value: bool) -> bool:
    return value
