"""Which pauses there are and were: for a service that has not heard of them yet."""

from dataclasses import dataclass
from uuid import UUID

from workflow_service.application.ports import UnitOfWork
from workflow_service.domain.journey.pauses import Hold


@dataclass(frozen=True, slots=True)
class PauseView:
    """One pause of a unit's journey, or without a unit of the whole rollout."""

    rollout_id: UUID
    unit_id: str | None
    hold: Hold


async def list_pauses(uow: UnitOfWork) -> list[PauseView]:
    """The pauses of all rollouts under way, and of their units in the step that each is in.

    Those that are over are included; those of a journey that has ended hold nothing any more.
    """
    found = []
    for rollout in await uow.rollouts.going():
        rollout_id = rollout.rollout_id
        found += [PauseView(rollout_id, None, hold) for hold in rollout.pauses]
        for journey in (await uow.rollouts.journeys(rollout_id)).values():
            if not journey.ended:
                found += [PauseView(rollout_id, journey.unit_id, hold) for hold in journey.pauses]
    return found
