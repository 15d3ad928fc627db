"""All units of a rollout in short, in memory."""

from uuid import UUID

from unit.workflow.organisation.fakes import FakeUnits
from unit.workflow.rollout.fakes import FakeRollouts
from workflow_service.application.ports import BoardRow, JourneyFilter


class FakeBoards:
    def __init__(self, units: FakeUnits, rollouts: FakeRollouts) -> None:
        self._units, self._rollouts = units, rollouts

    async def rows(self, rollout_id: UUID, wanted: JourneyFilter, at_most: int) -> list[BoardRow]:
        journeys = await self._rollouts.journeys(rollout_id, wanted)
        elsewhere = await self._rollouts.under_way_elsewhere(rollout_id, journeys)
        return [
            BoardRow(
                unit_id,
                self._units.rows[unit_id].facts.name,
                one.wave,
                one.step,
                one.status,
                one.status == "waiting" and unit_id in elsewhere,
            )
            for unit_id, one in journeys.items()
        ][:at_most]

    async def unit_ids(self, rollout_id: UUID, wanted: JourneyFilter) -> list[str]:
        return list(await self._rollouts.journeys(rollout_id, wanted))
