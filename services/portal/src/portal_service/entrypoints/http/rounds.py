"""Answering a round: who sees what, the questions, and one's own profile afterwards."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.types import Scope

from portal_service.domain.answering import (
    NOT_APPLICABLE,
    Shown,
    after,
    behaviours_of,
    choices_of,
    step_of,
)
from portal_service.entrypoints import cookies
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
PAGE_BYTES = 64 * 1024
"""More than a page with answers has."""


def shows_answers(scope: Scope) -> bool:
    """Whether the page says what somebody chose: its length must not."""
    return scope["method"] == "POST" and re.fullmatch("/rounds/[^/]+/?", scope["path"]) is not None


@router.get("/rounds/{round_id}")
async def questions(request: Request, viewer: SignedIn, round_id: UUID, step: str = "") -> Response:
    """All on one page; with `step` one behaviour at a time."""
    round_ = await viewer.get("assessment", f"/rounds/{round_id}")
    shown = Shown(step_of(step, round_["instrument"]["items"]), ())
    return _page(request, viewer, "questions", round_, {}, shown)


@router.post("/rounds/{round_id}")
async def answer(request: Request, viewer: SignedIn, round_id: UUID) -> Response:
    """When all is answered it is shown once more, to look at before it is sent."""
    round_ = await viewer.get("assessment", f"/rounds/{round_id}")
    form = await request.form()
    typed = {name: str(value) for name, value in form.items()}
    items = round_["instrument"]["items"]
    next_ = after(typed, items, choices_of(round_["instrument"]["scale"]))
    if next_.missing or next_.step:
        return _page(request, viewer, "questions", round_, typed, next_)
    if "change" in typed:
        return _page(request, viewer, "questions", round_, typed, next_)
    if "sure" not in typed:
        return _page(request, viewer, "check_answers", round_, typed, next_)
    answers = {item["item_id"]: _answer(typed[item["item_id"]]) for item in items}
    profile = await viewer.put("assessment", f"/rounds/{round_id}/answer", {"answers": answers})
    shown = app_of(request).pages.render(
        request, "profile", round=round_, profile=profile["profile"]
    )
    if viewer.by_code:  # Perhaps on a device that others use next.
        await app_of(request).signing_in.end(cookies.key_of(request) or "")
        cookies.forget(shown)
    return shown


def _answer(choice: str) -> int | None:
    return None if choice == NOT_APPLICABLE else int(choice)


def _page(
    request: Request,
    viewer: Viewer,
    page: str,
    round_: dict[str, Any],
    typed: Mapping[str, str],
    next_: Shown,
) -> Response:
    return app_of(request).pages.render(
        request,
        page,
        status=422 if next_.missing else 200,
        round=round_,
        instrument=round_["instrument"],
        behaviours=behaviours_of(round_["instrument"]["items"]),
        chosen=typed,
        owner=app_of(request).drafts.owner(viewer.principal.subject),
        step=next_.step,
        missing=next_.missing,
        not_applicable=NOT_APPLICABLE,
    )
