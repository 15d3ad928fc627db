"""What this service takes from others: evidence of unit journeys, kept before any workflow hears.

A wave is then hinted at, at most once per interval, and only if a journey can really move: a hint
costs history. Losing one loses nothing but time.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts import Event
from contracts import assessment as a
from contracts import content as t
from contracts import workflow as w
from servicekit import telemetry
from servicekit.consumer_group import ConsumerGroup, EventMeta
from workflow_service.application.journey.handlers import read_wave, store_evidence
from workflow_service.application.ports import Engine, NewEvidence
from workflow_service.domain.journey.turn import Evidence, plan_moves
from workflow_service.entrypoints.app import WorkflowTransaction

log = logging.getLogger(__name__)

GROUP = "workflow.evidence"
_LOWER_EDGE = re.compile(r"\d+")


async def _keep(
    event: Any,
    kind: str,
    reference: UUID,
    uow: WorkflowTransaction,
    meta: EventMeta,
    detail: Mapping[str, Any] | None = None,
) -> None:
    evidence = Evidence(kind, meta.time, telemetry.current_traceparent() or meta.traceparent)
    await store_evidence(
        NewEvidence(event.rollout_id, event.unit_id, evidence, reference, detail or {}), uow
    )


async def results_released(
    event: a.ResultsReleased, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    """A band such as `75-89` counts by its lower edge; a hidden one has none."""
    edge = _LOWER_EDGE.match(event.participation_band or "")
    detail = {
        "participation": int(edge.group()) if edge else None,
        "indices": {b.code: b.index for b in event.behaviours if b.index is not None},
    }
    await _keep(event, f"{event.occasion}_released", event.round_id, uow, meta, detail)


async def assignment_completed(
    event: t.AssignmentCompleted, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    detail = {"module_id": event.module_id}
    await _keep(event, "module_completed", event.assignment_id, uow, meta, detail)


async def meeting_held(event: t.MeetingHeld, uow: WorkflowTransaction, meta: EventMeta) -> None:
    await _keep(event, "meeting_held", event.meeting_id, uow, meta)


async def action_chosen(event: t.ActionChosen, uow: WorkflowTransaction, meta: EventMeta) -> None:
    await _keep(event, "action_chosen", event.action_id, uow, meta)


async def action_checked_back(
    event: t.ActionCheckedBack, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    await _keep(event, "action_checked_back", event.action_id, uow, meta)


async def manager_assigned(
    event: w.UnitManagerAssigned, uow: WorkflowTransaction, meta: EventMeta
) -> None:
    """Our own news, and stored already: a journey that waits for a manager is hinted at."""


class WaveHints:
    """A component that tells waves to look again. Every running wave hears once at the start, since
    hints may have been lost before."""

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
        """What these events tell about units is stored."""
        for event in events:
            rollout_id: UUID | None = getattr(event, "rollout_id", None)
            unit_id: str = event.unit_id  # type: ignore[attr-defined]
            self._touched.setdefault(rollout_id, set()).add(unit_id)

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
                # Something is away. Whom it concerned is forgotten, so all are told afterwards.
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
                    journeys = await uow.rollouts.journeys(each, unit_ids)
                    for wave in {j.wave for j in journeys.values() if j.wave is not None}:
                        if plan_moves(await read_wave(each, wave, uow), datetime.now(UTC)):
                            ready.add((each, wave))
        return ready


def consumer_groups(hints: WaveHints) -> list[ConsumerGroup]:
    """The service's one consumer group."""
    return [
        ConsumerGroup(
            name=GROUP,
            handlers={
                a.ResultsReleased: results_released,
                t.AssignmentCompleted: assignment_completed,
                t.MeetingHeld: meeting_held,
                t.ActionChosen: action_chosen,
                t.ActionCheckedBack: action_checked_back,
                w.UnitManagerAssigned: manager_assigned,
            },
            after_commit=hints.note,
        )
    ]
