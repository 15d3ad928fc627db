"""Answering a round: who sees what, the questions, and one's own profile afterwards."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from portal_service.entrypoints import cookies
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)
_NOT_APPLICABLE = "n"


@router.get("/rounds/{round_id}")
async def questions(request: Request, viewer: SignedIn, round_id: UUID) -> Response:
    round_ = await viewer.get("assessment", f"/rounds/{round_id}")
    return _page(request, round_, {}, [])


@router.post("/rounds/{round_id}")
async def answer(request: Request, viewer: SignedIn, round_id: UUID) -> Response:
    round_ = await viewer.get("assessment", f"/rounds/{round_id}")
    form = await request.form()
    chosen = {name: str(value) for name, value in form.items()}
    items = [item["item_id"] for item in round_["instrument"]["items"]]
    choices = _choices(round_["instrument"]["scale"])
    missing = [item for item in items if chosen.get(item) not in choices]
    if missing or "sure" not in chosen:
        return _page(request, round_, chosen, missing)
    answers = {item: _answer(chosen[item]) for item in items}
    profile = await viewer.put("assessment", f"/rounds/{round_id}/answer", {"answers": answers})
    shown = app_of(request).pages.render(
        request, "profile", round=round_, profile=profile["profile"]
    )
    if viewer.by_code:  # Perhaps on a device that others use next.
        await app_of(request).signing_in.end(cookies.key_of(request) or "")
        cookies.forget(shown)
    return shown


def _choices(scale: dict[str, Any]) -> set[str]:
    numbers = {str(scale["min"] + place) for place in range(len(scale["labels"]))}
    return numbers | ({_NOT_APPLICABLE} if scale["not_applicable"] else set())


def _answer(choice: str) -> int | None:
    return None if choice == _NOT_APPLICABLE else int(choice)


def _page(
    request: Request, round_: dict[str, Any], chosen: dict[str, str], missing: list[str]
) -> Response:
    """The questions; or, when all are answered, what was answered, to look at before it is sent."""
    checking = bool(chosen) and not missing
    return app_of(request).pages.render(
        request,
        "check_answers" if checking else "questions",
        status=422 if missing else 200,
        round=round_,
        instrument=round_["instrument"],
        chosen=chosen,
        missing=missing,
        not_applicable=_NOT_APPLICABLE,
    )
