"""HTTP: the log of messages, without their texts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from notification_service.domain.delivery import Result, Status
from notification_service.entrypoints.app import app_of
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.paging import Page, PageQuery

router = APIRouter()

Reader = Annotated[Principal, may("messages.read")]


class AttemptBody(BaseModel):
    """One attempt. A missing number is an attempt that was interrupted."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    started_at: datetime
    duration_ms: int
    result: Result
    reason: str = Field(description="A stable code; empty when accepted.")
    status_code: int | None = Field(description="Status code of the response, if there was one.")


class MessageBody(BaseModel):
    """A message with its attempts. The text is not stored."""

    model_config = ConfigDict(from_attributes=True)

    message_id: UUID = Field(description="Also the part of the mail's Message-ID before the @.")
    template: str
    recipient_id: str | None = Field(
        description="Null for an invitation to a round that did not fail: who was asked too often"
        " elsewhere and is not invited is known to nobody."
    )
    unit_id: str | None
    status: Status
    reason: str
    created_at: datetime
    settled_at: datetime | None
    next_attempt_at: datetime | None
    attempts: list[AttemptBody]


@router.get("/messages", tags=["messages"])
async def list_messages(
    request: Request,
    caller: Reader,
    page: PageQuery,
    status: Status | None = None,
    template: Annotated[str | None, Query(pattern=r"^[a-z_]{1,100}$")] = None,
) -> Page[MessageBody]:
    """Messages with their recipients and attempts, newest first, without their texts."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.queries.messages(status, template, page)
    return page.holding([MessageBody.model_validate(message) for message in found], total)
