"""HTTP: the custodian's share of a release's key."""

import base64
import binascii
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from assessment_service.application import custody
from assessment_service.application.commands import HandInShare
from assessment_service.application.ports import Envelope
from assessment_service.domain.round import Occasion
from assessment_service.entrypoints.app import app_of
from assessment_service.entrypoints.http.access import Custodian
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery
from servicekit.request_body import RequestBody

router = APIRouter(tags=["custody"])


def _is_a_share(value: str) -> str:
    try:
        if len(base64.b64decode(value, validate=True)) == 32:
            return value
    except binascii.Error:
        pass
    raise ValueError("a share is 32 bytes in base64")


class EnvelopeBody(BaseModel):
    """A release that cannot be released without the custodian."""

    release_id: UUID
    rollout_id: UUID
    occasion: Occasion
    envelope: str = Field(
        description="The custodian's share, sealed to the custodian's own key (HPKE, RFC 9180);"
        " base64."
    )
    is_closed: bool = Field(description="Whether all rounds have closed: then hand the share in.")

    @classmethod
    def of(cls, one: Envelope) -> "EnvelopeBody":
        return cls(
            release_id=one.release.release_id,
            rollout_id=one.release.rollout_id,
            occasion=one.release.occasion,
            envelope=base64.b64encode(one.envelope).decode(),
            is_closed=one.is_closed,
        )


class ShareBody(RequestBody):
    """The opened share of one release."""

    share: Annotated[
        str,
        Field(description="32 bytes in base64.", examples=[base64.b64encode(bytes(32)).decode()]),
        AfterValidator(_is_a_share),
    ]


class HandedInBody(BaseModel):
    """The release whose share was handed in. It is released next."""

    release_id: UUID


@router.get("/custody")
async def list_envelopes(
    request: Request, caller: Custodian, page: PageQuery
) -> Page[EnvelopeBody]:
    """Releases that wait, or will wait, for the custodian's share.

    The custodian opens an envelope with `python -m assessment_service.custodian open`.
    """
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.releases.waiting_for_share(page)
    return page.holding([EnvelopeBody.of(one) for one in found], total)


@router.post("/releases/{release_id}/share", response_model=HandedInBody)
async def hand_in_share(
    request: Request,
    caller: Custodian,
    key: IdempotencyKey,
    release_id: UUID,
    body: ShareBody,
) -> Response:
    """Hand in the custodian's share once all rounds of the release have closed.

    It is kept until the release is out, and opens no other one.
    """
    app = app_of(request)
    command = HandInShare(release_id, base64.b64decode(body.share))
    async with app.uow().by(caller) as uow:

        async def produce() -> HandedInBody:
            handed_in = await custody.hand_in(command, uow, app.vault)
            return HandedInBody(release_id=handed_in)

        return await idempotent(uow, key, produce)
