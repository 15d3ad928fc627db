"""HTTP: the pauses, for the assessment service before it closes a round by time."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from servicekit.access import may
from servicekit.auth import Principal
from workflow_service.application.rollout.pauses import PauseView, list_pauses
from workflow_service.entrypoints.app import app_of

router = APIRouter(tags=["pauses"])
Service = Annotated[Principal, may("pauses.read")]


class PauseRecordBody(BaseModel):
    """One pause of a unit, or of a whole rollout."""

    rollout_id: UUID
    unit_id: str | None = Field(
        description="Null if the whole rollout was paused.", examples=["rehab"]
    )
    since: datetime
    until: datetime | None = Field(description="Null while it lasts.")

    @classmethod
    def of(cls, view: PauseView) -> "PauseRecordBody":
        return cls(
            rollout_id=view.rollout_id,
            unit_id=view.unit_id,
            since=view.hold.since,
            until=view.hold.until,
        )


class PausesBody(BaseModel):
    """All of them at one time: a page could miss one that began or ended in between."""

    pauses: list[PauseRecordBody]


@router.get("/pauses")
async def get_pauses(request: Request, caller: Service) -> PausesBody:
    """Pauses of all rollouts under way, and of their units in the step that each is in.

    Also those that are over, as the event of their beginning may be late too. Only for services.
    """
    async with app_of(request).uow() as uow:
        found = await list_pauses(uow)
    return PausesBody(pauses=[PauseRecordBody.of(view) for view in found])
