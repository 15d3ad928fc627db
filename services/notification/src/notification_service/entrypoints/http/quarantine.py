"""HTTP: whether mails and webhooks are held, and sending them again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from notification_service.application import quarantine
from notification_service.entrypoints.app import app_of
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.request_body import RequestBody

router = APIRouter(tags=["messages"])

Reader = Annotated[Principal, may("messages.read")]
Lifter = Annotated[Principal, may("quarantine.lift")]


class QuarantineBody(BaseModel):
    """Both are null while everything is sent as usual."""

    held_since: datetime | None
    reason: str | None = Field(examples=["restored to 2026-11-30T14:30:00+00:00"])


class LiftBody(RequestBody):
    """Until when what waits has been sent already."""

    already_sent_until: AwareDatetime | None = Field(
        description="Messages and reminders from until then count as sent, so that nobody gets them"
        " twice; null: send all. Webhooks are sent in either case, under their old ids."
    )


class LiftedBody(BaseModel):
    already_sent: int = Field(description="So many messages count as sent.")


@router.get("/quarantine")
async def show_quarantine(request: Request, caller: Reader) -> QuarantineBody:
    """Whether mails and webhooks are held: after a restore, or by an operator."""
    async with app_of(request).uow() as uow:
        held = await uow.quarantine.held()
    return QuarantineBody(
        held_since=held.since if held else None, reason=held.reason if held else None
    )


@router.post(
    "/quarantine/lift",
    response_model=LiftedBody,
    response_description="Everything is sent as usual from now on.",
)
async def lift_quarantine(
    request: Request, caller: Lifter, key: IdempotencyKey, body: LiftBody
) -> Response:
    """Send mails and webhooks again, after a look at `GET /messages?status=pending`."""
    app = app_of(request)
    async with app.uow().by(caller) as uow:

        async def produce() -> LiftedBody:
            count = await quarantine.lift(body.already_sent_until, uow, app.reminder_times)
            return LiftedBody(already_sent=count)

        return await idempotent(uow, key, produce)
