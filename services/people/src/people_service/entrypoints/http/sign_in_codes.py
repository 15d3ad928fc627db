"""HTTP: one-time codes for a round. The answer is the only place where they ever are in clear."""

import logging
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from people_service.application import sign_in_codes
from people_service.application.sign_in_codes import IssueCodes, IssuedCodes
from people_service.domain.person import Language
from people_service.domain.sign_in_code import MOST_AT_ONCE, Form, printed
from people_service.entrypoints.app import app_of
from people_service.entrypoints.http.printed_codes import page_of
from servicekit.accept import wanted
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.request_body import RequestBody

log = logging.getLogger(__name__)

router = APIRouter(tags=["sign-in codes"])

Issuer = Annotated[Principal, may("codes.issue")]
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "referrer-policy": "no-referrer",
    "vary": "accept, accept-language",
}
_PAGE = {"schema": {"type": "string"}, "example": "<!doctype html><html lang='sv'>..."}


class IssueBody(RequestBody):
    """Which codes to print."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"form": "slips", "count": 12}]})

    form: Form = Field(
        description="`letters`: one for each employee of the unit without a mail address,"
        " with their name; `slips`: without names, beside a shared device."
    )
    count: Annotated[int, Field(ge=1, le=MOST_AT_ONCE, description="Of slips.")] | None = None


class SignInCodesBody(BaseModel):
    """Codes that are shown this once. They say nothing of who gets which."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "round_id": "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
                    "unit_id": "rehabenheten",
                    "closes_at": "2026-03-20T16:00:00Z",
                    "codes": ["7K3M-Q9TX-2VBN-C4HD-0P6R-W8ZE"],
                }
            ]
        }
    )

    round_id: UUID
    unit_id: str
    closes_at: AwareDatetime = Field(description="Until when they open the round.")
    codes: list[str]

    @classmethod
    def of(cls, issued: IssuedCodes) -> "SignInCodesBody":
        round_ = issued.round
        return cls(
            round_id=round_.round_id,
            unit_id=round_.unit_id,
            closes_at=round_.closes_at,
            codes=[printed(one) for one in issued.codes],
        )


def _wants_page(request: Request) -> bool:
    """Whether the caller asks for text/html by name, and not for JSON by name as much or more."""
    kinds = wanted(request)
    return kinds.get("text/html", 0) > kinds.get("application/json", 0)


def _language(request: Request) -> Language:
    """Of whoever prints: English if they ask for it first."""
    return "en" if request.headers.get("accept-language", "").startswith("en") else "sv"


@router.post(
    "/rounds/{round_id}/sign-in-codes",
    response_model=SignInCodesBody,
    response_description="The codes, this once; with `Accept: text/html` as a page to print.",
    responses={200: {"content": {"text/html": _PAGE}}},
)
async def issue_sign_in_codes(
    request: Request,
    caller: Issuer,
    round_id: UUID,
    body: IssueBody,
    as_page: Annotated[bool, Depends(_wants_page)],
    language: Annotated[Language, Depends(_language)],
) -> Response:
    """Issue one-time codes for employees who have no mail address or no account.

    They are shown in this answer only and never again, so it takes no Idempotency-Key: a repeat
    issues more of them, and is refused (409 `codes-exhausted`) when the unit has no more employees.
    Nobody can take codes back, because nobody knows which were used. When the round closes, they
    are deleted.
    """
    app = app_of(request)
    command = IssueCodes(round_id, body.form, body.count)
    async with app.uow().by(caller) as uow:
        issued = await sign_in_codes.issue_codes(command, caller.scope, uow)
        answer: Response
        if as_page:
            page = page_of(issued, app.portal_url, language)
            answer = HTMLResponse(page, headers=_HEADERS)
        else:
            said = SignInCodesBody.of(issued).model_dump_json()
            answer = Response(said, media_type="application/json", headers=_HEADERS)
    log.info("%d %s for round %s issued", len(issued.codes), body.form, round_id)
    return answer
