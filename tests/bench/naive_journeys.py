"""The naive design that the wave is compared with: a workflow per unit, an activity per step.

Each unit is a child workflow with five activities, and one update that brings its evidence. The
activities do nothing at all, so the design is measured at its best.
"""

from datetime import timedelta

from temporalio import activity, workflow

STEPS = ("prepare", "open_baseline", "assign_modules", "open_follow_up", "schedule_after_care")
WAITS_BEFORE = "open_follow_up"


@activity.defn
async def take_step(step: str, unit_id: str) -> str:
    """A step of one unit's journey."""
    return f"{unit_id}:{step}"


@workflow.defn
class NaiveJourney:
    """One unit."""

    def __init__(self) -> None:
        self._evidence: list[str] = []

    @workflow.run
    async def run(self, unit_id: str) -> int:
        for step in STEPS:
            if step == WAITS_BEFORE:
                await workflow.wait_condition(lambda: bool(self._evidence))
            await workflow.execute_activity(
                take_step, args=[step, unit_id], start_to_close_timeout=timedelta(seconds=20)
            )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return workflow.info().get_current_history_length()

    @workflow.update
    def tell(self, evidence: str) -> int:
        """The unit's meeting was held."""
        self._evidence.append(evidence)
        return len(self._evidence)


@workflow.defn
class NaiveWave:
    """All units, each in a child."""

    @workflow.run
    async def run(self, unit_ids: list[str]) -> int:
        children = [
            await workflow.start_child_workflow(NaiveJourney.run, unit_id, id=unit_id)
            for unit_id in unit_ids
        ]
        return sum([await child for child in children])
