"""What this service consumes: evidence of unit journeys, stored before any workflow is nudged.

A wave is nudged at most once per interval, and only if one of its journeys can move: a nudge adds
to the workflow's history. A lost one costs time and nothing else.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from prometheus_client import Counter

from contracts import Event
from contracts import assessment as a
from contracts import content as t
from contracts import people as p
from servicekit import telemetry
from servicekit.consumer_group import ConsumerGroup, EventMeta
from workflow_service.application.journey.handlers import (
    read_wave,
    store_evidence,
    withdraw_evidence,
)
from workflow_service.application.organisation.commands import NoteManager
from workflow_service.application.organisation.handlers import note_manager
from workflow_service.application.ports import Engine, JourneyFilter, NewEvidence
from workflow_service.application.rollout.handlers import evaluate_again
from workflow_service.domain.journey.evidence import (
    ActionCheckedBack,
    ActionChosen,
    EvidenceDetail,
    MeetingHeld,
    ModuleCompleted,
    RoundReleased,
)
from workflow_service.domain.journey.turn import plan_moves
from workflow_service.entrypoints.app import WorkflowTransaction

log = logging.getLogger(__name__)

GROUP = "workflow.evidence"
EVIDENCE_SKIPPED = Counter(
    "workflow_evidence_skipped", "Events about a unit that has no journey in the rollout they name"
)
_LOWER_EDGE = re.compile(r"\d+")


async def _store(
    event: Any,
    detail: EvidenceDetail,
    reference: UUID,
    uow: WorkflowTransaction,
    meta: EventMeta,
) -> None:
    trace = telemetry.current_traceparent() or meta.traceparent
    place = (event.rollout_id, event.unit_id)
    if not await store_evidence(NewEvidence(*place, reference, meta.time, detail, trace), uow):
        EVIDENCE_SKIPPED.inc()
        log.warning("skipped %s: rollout %s has no unit %s", detail.kind, *place)


async def results_released(
    event: a.ResultsReleased, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    """Participation is that of the release as a whole: a band such as `75-89` counts by its lower
    edge, and a hidden one has none."""
    edge = _LOWER_EDGE.match(event.release_participation_band or "")
    detail = RoundReleased(
        kind="baseline_released" if event.occasion == "baseline" else "follow_up_released",
        participation=int(edge.group()) if edge else None,
        indices={b.code: b.index for b in event.behaviours if b.index is not None},
    )
    await _store(event, detail, event.round_id, uow, meta)


async def assignment_completed(
    event: t.AssignmentCompleted, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    await _store(event, ModuleCompleted(event.module_id), event.assignment_id, uow, meta)


async def meeting_held(event: t.MeetingHeld, uow: WorkflowTransaction, meta: EventMeta) -> None:
    await _store(event, MeetingHeld(), event.meeting_id, uow, meta)


async def action_chosen(event: t.ActionChosen, uow: WorkflowTransaction, meta: EventMeta) -> None:
    await _store(event, ActionChosen(), event.action_id, uow, meta)


async def action_checked_back(
    event: t.ActionCheckedBack, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    await _store(event, ActionCheckedBack(), event.action_id, uow, meta)


async def evidence_withdrawn(
    event: t.MeetingWithdrawn | t.ActionWithdrawn | t.ActionCheckBackWithdrawn,
    uow: WorkflowTransaction,
    meta: EventMeta,
) -> None:
    """A chosen action takes its check-back with it."""
    withdrawn: list[tuple[str, UUID]]
    match event:
        case t.MeetingWithdrawn():
            withdrawn = [("meeting_held", event.meeting_id)]
        case t.ActionWithdrawn():
            withdrawn = [
                ("action_chosen", event.action_id),
                ("action_checked_back", event.action_id),
            ]
        case t.ActionCheckBackWithdrawn():
            withdrawn = [("action_checked_back", event.action_id)]
    place = (event.rollout_id, event.unit_id)
    for kind, reference in withdrawn:
        await withdraw_evidence(*place, kind, reference, meta.time, uow)
    await evaluate_again(event.rollout_id, uow)


async def round_time(
    event: a.RoundOpened | a.RoundExtended, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    place = (event.rollout_id, event.unit_id, event.occasion)
    await uow.rollouts.note_round(*place, event.closes_at, meta.time)


async def round_closed(event: a.RoundClosed, uow: WorkflowTransaction, meta: EventMeta) -> None:
    """Perhaps before its time."""
    place = (event.rollout_id, event.unit_id, event.occasion)
    await uow.rollouts.note_round(*place, meta.time, meta.time)


async def instrument_published(
    event: a.InstrumentPublished, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    await uow.references.add("instrument", event.instrument_id, event.version)


async def module_published(
    event: t.ModulePublished, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    await uow.references.add("module", event.module_id, event.version)


async def manager_changed(
    event: p.UnitManagerChanged, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    """A journey that waits for a manager may go on; one that is under way loses nothing."""
    command = NoteManager(event.unit_id, event.manager != "vacant", meta.time, event.version)
    await note_manager(command, uow)


class WaveHints:
    """A component that nudges waves to look again. Every running wave is nudged once at the start,
    since hints may have been lost before."""

    def __init__(
        self,
        uow: Callable[[], WorkflowTransaction],
        engine: Engine,
        seconds: float,
        retry_seconds: float = 2.0,
    ) -> None:
        self._uow, self._engine = uow, engine
        self._seconds, self._retry_seconds = seconds, retry_seconds
        self._touched: dict[UUID | None, set[str]] = {}  # None: in whichever rollout.

    async def note(self, events: Sequence[Event]) -> None:
        """Remember the units of these events; what the events say is stored."""
        for event in events:
            rollout_id: UUID | None = getattr(event, "rollout_id", None)
            unit_id: str = event.unit_id  # type: ignore[attr-defined]
            self._touched.setdefault(rollout_id, set()).add(unit_id)

    async def wake_rollouts(self, events: Sequence[Event]) -> None:
        """Let the rollouts of these events, if they are under way, read what is stored now."""
        async with self._uow() as uow:
            going = {state.rollout_id for state in await uow.rollouts.going()}
        for rollout_id in going & {event.rollout_id for event in events}:  # type: ignore[attr-defined]
            await self._engine.nudge_rollout(rollout_id)

    async def run(self, stop: asyncio.Event) -> None:
        everything = True
        while not stop.is_set():
            pause = self._seconds
            touched, self._touched = self._touched, {}
            try:
                waves = await self._running() if everything else await self._ready(touched)
                for rollout_id, wave in sorted(waves):
                    await self._engine.nudge_wave(rollout_id, wave)
                everything = False
            except Exception as error:
                # Something is away, and the units were taken from the list: nudge every wave later.
                everything, pause = True, self._retry_seconds
                log.warning("hints wait: %s", type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue

    async def _running(self) -> set[tuple[UUID, int]]:
        async with self._uow() as uow:
            rollouts = await uow.rollouts.going()
        return {(state.rollout_id, wave) for state in rollouts for wave in state.running_waves}

    async def _ready(self, touched: Mapping[UUID | None, set[str]]) -> set[tuple[UUID, int]]:
        """The touched waves in which a unit can take its next step now."""
        ready = set()
        for rollout_id, unit_ids in touched.items():
            async with self._uow() as uow:
                going = [] if rollout_id else await uow.rollouts.going()
                for each in [rollout_id] if rollout_id else [state.rollout_id for state in going]:
                    journeys = await uow.rollouts.journeys(each, JourneyFilter(unit_ids=unit_ids))
                    for wave in {j.wave for j in journeys.values() if j.wave is not None}:
                        if plan_moves(await read_wave(each, wave, uow), await uow.now()):
                            ready.add((each, wave))
        return ready


def consumer_groups(hints: WaveHints) -> list[ConsumerGroup]:
    """The service's consumer groups."""
    return [
        ConsumerGroup(
            name=GROUP,
            handlers={
                a.ResultsReleased: results_released,
                t.AssignmentCompleted: assignment_completed,
                t.MeetingHeld: meeting_held,
                t.ActionChosen: action_chosen,
                t.ActionCheckedBack: action_checked_back,
                p.UnitManagerChanged: manager_changed,
            },
            after_commit=hints.note,
        ),
        ConsumerGroup(
            name="workflow.corrections",
            handlers={
                t.MeetingWithdrawn: evidence_withdrawn,
                t.ActionWithdrawn: evidence_withdrawn,
                t.ActionCheckBackWithdrawn: evidence_withdrawn,
            },
            after_commit=hints.wake_rollouts,
        ),
        ConsumerGroup(
            name="workflow.references",
            handlers={
                a.InstrumentPublished: instrument_published,
                t.ModulePublished: module_published,
                a.RoundOpened: round_time,
                a.RoundExtended: round_time,
                a.RoundClosed: round_closed,
            },
        ),
    ]
