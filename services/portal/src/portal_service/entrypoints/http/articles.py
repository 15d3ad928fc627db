"""Administrators' pages: write an article, see how it will look, have it reviewed, publish it."""

from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.article_form import FIELDS, body_of, differing, fields_of, typed_of
from portal_service.domain.forms import sent_key, whole_number
from portal_service.domain.sections import SECTIONS, TITLES
from portal_service.domain.texts import ARTICLE_FIELDS, ARTICLE_STATUSES
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(prefix="/articles", include_in_schema=False)
_ROWS = "50"
ArticleId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
Kind = Literal["news", "question", "film", "e_learning"]
Step = Literal["submit", "send-back", "publish", "withdraw"]


@router.get("")
async def articles(
    request: Request,
    viewer: SignedIn,
    status: str = "",
    page: Annotated[int, Query(ge=1, le=1_000)] = 1,
) -> Response:
    chosen = {"status": status} if status in ARTICLE_STATUSES else {}
    found = await viewer.get("content", "/articles", page=str(page), limit=_ROWS, **chosen)
    return app_of(request).pages.render(
        request, "articles", found=found, chosen=chosen.get("status", ""), kinds=list(FIELDS)
    )


@router.get("/new")
async def new_form(request: Request, viewer: SignedIn, kind: Kind = "news") -> Response:
    await viewer.get("content", "/articles", limit="1")  # Refused to whoever may not write.
    return _form(request, kind, {}, None)


@router.post("/new")
async def create(request: Request, viewer: SignedIn, kind: Kind = "news") -> Response:
    """If it is refused, the form comes back with what was typed and the reason."""
    typed = await _typed(request)
    body = {"article_id": typed.get("article_id", "").strip(), "kind": kind}
    try:
        made = await viewer.post(
            "content", "/articles", body | body_of(kind, typed), sent_key(typed.get("sent", ""))
        )
    except ServiceRefused as refusal:
        return _form(request, kind, typed, None, refusal)
    return RedirectResponse(f"/articles/{made['article_id']}", 303)


@router.get("/{article_id}")
async def edit_form(request: Request, viewer: SignedIn, article_id: ArticleId) -> Response:
    found = await viewer.get("content", f"/articles/{article_id}")
    return _form(request, found["kind"], typed_of(found["draft"]), found)


@router.post("/{article_id}")
async def revise(request: Request, viewer: SignedIn, article_id: ArticleId) -> Response:
    """If it is refused, the form comes back with what was typed and the reason; if somebody else
    was faster, also with what differs from what they saved."""
    found, typed = await viewer.get("content", f"/articles/{article_id}"), await _typed(request)
    body = body_of(found["kind"], typed) | {"expected_version": _version(typed)}
    try:
        await viewer.put("content", f"/articles/{article_id}/draft", body)
    except ServiceRefused as refusal:
        return _form(request, found["kind"], typed, found, refusal)
    return RedirectResponse(f"/articles/{article_id}", 303)


@router.get("/{article_id}/preview")
async def preview(request: Request, viewer: SignedIn, article_id: ArticleId) -> Response:
    """The draft as everybody would read it."""
    found = await viewer.get("content", f"/articles/{article_id}")
    section = next(name for name, kind in SECTIONS.items() if kind == found["kind"])
    draft = {**found["draft"], "published_at": None, "article_id": article_id}
    if found["kind"] != "film":
        draft |= {"captions": None, "transcript": None}
    return app_of(request).pages.render(
        request,
        "article",
        away=[],
        article=draft,
        section=section,
        title=TITLES[section],
        preview=f"/articles/{article_id}",
    )


@router.post("/{article_id}/steps/{step}")
async def take_step(
    request: Request,
    viewer: SignedIn,
    article_id: ArticleId,
    step: Step,
    reason: Annotated[str, Form()] = "",
    version: Annotated[str, Form()] = "",
    sent: Annotated[str, Form()] = "",
) -> Response:
    """If it is refused, the form comes back with the reason, and with what was typed."""
    body: dict[str, Any] = {"expected_version": whole_number(version) or 0}
    if step in ("send-back", "withdraw"):
        body["reason"] = reason
    path = f"/articles/{article_id}"
    try:
        await viewer.post("content", f"{path}/{step}", body, sent_key(sent))
    except ServiceRefused as refusal:
        found = await viewer.get("content", path)
        typed = typed_of(found["draft"]) | {f"reason-{step}": reason}
        return _form(request, found["kind"], typed, found, refusal)
    return RedirectResponse(path, 303)


async def _typed(request: Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.form()).items()}


def _version(typed: dict[str, str]) -> int:
    return whole_number(typed.get("version", "")) or 0


def _form(
    request: Request,
    kind: str,
    typed: dict[str, str],
    article: dict[str, Any] | None,
    refusal: ServiceRefused | None = None,
) -> Response:
    """Somebody else's draft is named when what was typed is sent again: then it is replaced."""
    wrong = fields_of(refusal.errors) if refusal else []
    was_changed = refusal is not None and refusal.code == "article-changed"
    kept = None if was_changed else typed.get("version")
    theirs = typed_of(article["draft"]) if article and was_changed else typed
    return app_of(request).pages.render(
        request,
        "article_form",
        status=refusal.status if refusal else 200,
        kind=kind,
        fields=FIELDS[kind],
        typed=typed,
        article=article,
        version=kept or (article["version"] if article else ""),
        differing=differing(kind, typed, theirs),
        refusal=refusal,
        wrong=[(name, ARTICLE_FIELDS[name]) for name in wrong],
        key=str(uuid4()),
    )
