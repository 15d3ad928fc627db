"""The naive design that the waves are compared with: a workflow per unit, an activity per step.

Each unit is a child workflow with five activities, and one update that brings its evidence.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from workflow_service.domain.journey.turn import OpenRounds, plan_moves, plan_requests
    from workflow_service.temporal.activity_stubs import (
        Moves,
        WaveActivities,
        WaveInput,
    )

ACTIVITIES, WAITS_BEFORE = 5, 3


@dataclass(frozen=True)
class Unit:
    """A unit, stored as the only one of a wave of its own."""

    wave: WaveInput

    @property
    def workflow_id(self) -> str:
        return workflow_id(self.wave.rollout_id)


def workflow_id(rollout_id: UUID) -> str:
    return f"bench-unit:{rollout_id}"


class NaiveActivities:
    """A step of one unit: the same rules and the same store as a wave's turn has."""

    def __init__(self, inner: WaveActivities) -> None:
        self._inner = inner

    @activity.defn
    async def take_step(self, unit: Unit) -> None:
        snapshot = await self._inner.read_wave(unit.wave)
        if moves := plan_moves(snapshot, datetime.now(UTC)):
            planned = Moves(unit.wave.rollout_id, unit.wave.wave, moves)
            snapshot = await self._inner.record_moves(planned)
        for request in plan_requests(snapshot, datetime.now(UTC)):
            if isinstance(request, OpenRounds):
                await self._inner.open_rounds(request)
            else:
                await self._inner.assign_modules(request)


@workflow.defn
class NaiveJourney:
    """One unit."""

    def __init__(self) -> None:
        self._evidence: list[str] = []

    @workflow.run
    async def run(self, unit: Unit) -> int:
        """Returns how long its history became."""
        for number in range(ACTIVITIES):
            if number == WAITS_BEFORE:
                await workflow.wait_condition(lambda: bool(self._evidence))
            await workflow.execute_activity_method(
                NaiveActivities.take_step, unit, start_to_close_timeout=timedelta(seconds=20)
            )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return workflow.info().get_current_history_length()

    @workflow.update
    def report(self, evidence: str) -> int:
        """The unit's meeting was held."""
        self._evidence.append(evidence)
        return len(self._evidence)


@workflow.defn
class NaiveWave:
    """All units, each in a child."""

    @workflow.run
    async def run(self, units: list[Unit]) -> int:
        children = [
            await workflow.start_child_workflow(NaiveJourney.run, unit, id=unit.workflow_id)
            for unit in units
        ]
        return sum([await child for child in children])
