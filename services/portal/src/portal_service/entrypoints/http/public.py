"""Pages that everybody may see without signing in: the method, the timetable, what is published."""

import asyncio
from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from portal_service.application.ports import ServiceRefused
from portal_service.domain import wave_axis
from portal_service.domain.behaviours import BEHAVIOURS
from portal_service.domain.language import written
from portal_service.domain.matrix import SHAPES
from portal_service.domain.sections import DESCRIPTIONS, EMPTY, SECTIONS, TITLES
from portal_service.domain.texts import PHASES
from portal_service.domain.wave_range import range_by
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.own_texts import own_texts
from portal_service.entrypoints.pages import STOCKHOLM, language_of
from portal_service.entrypoints.partial import Anybody, Partial
from portal_service.entrypoints.public_page import public_page
from portal_service.entrypoints.viewer import Perhaps

router = APIRouter(include_in_schema=False)
_ROWS = "20"
_LATEST = "3"
ArticleId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
PageNumber = Annotated[int, Query(ge=1, le=1_000)]


@router.get("/")
async def method(request: Request, viewer: Perhaps) -> Response:
    """What the method is, what is new, and where the introduction is."""
    part = Partial(Anybody(app_of(request).services))
    news, timetable = await asyncio.gather(
        part.items("content", "/articles", kind="news", limit=_LATEST),
        part.items("workflow", "/timetable", limit="1"),
    )
    return public_page(
        request,
        "method",
        part.away,
        behaviours=BEHAVIOURS,
        news=news,
        phases=list(PHASES),
        rollout=timetable[0] if timetable else None,
    )


@router.get("/behaviours")
async def behaviours(request: Request, viewer: Perhaps) -> Response:
    """What each of the seven behaviours means, with an example."""
    return public_page(request, "behaviours", behaviours=BEHAVIOURS)


@router.get("/timetable")
async def timetable(request: Request, viewer: Perhaps) -> Response:
    """Where each rollout is; no unit is named. "Now" is the end of today: the page is the same for
    a day, and what started today is behind it."""
    found = await app_of(request).services.public("workflow", "/timetable", limit=_ROWS)
    today = datetime.combine(datetime.now(STOCKHOLM), time.max, STOCKHOLM)
    shown = range_by(request.query_params, today.date())
    return public_page(
        request,
        "timetable",
        rollouts=found["items"],
        phases=list(PHASES),
        shown=shown,
        axes=[wave_axis.axis_of(one["waves"], today, shown) for one in found["items"]],
        wave_axis=wave_axis,
        shapes=SHAPES,
    )


@router.get("/search")
async def search(
    request: Request,
    viewer: Perhaps,
    words: str = "",
    page: PageNumber = 1,
) -> Response:
    """What is published and the portal's own pages, by their words. What cannot be searched for
    finds nothing."""
    language = written(language_of(request))
    if not words.strip():
        return public_page(request, "search", words=words, found=None, own=[], hits_in=language)
    asked = {"words": words, "language": language, "page": str(page), "limit": _ROWS}
    app = app_of(request)
    try:
        found = await app.services.public("content", "/search", **asked)
        own = await app.full_text.find(words, language, own_texts(app.pages, language))
    except ServiceRefused:
        found, own = {"items": [], "page": 1, "limit": 1, "total": 0}, []
    return public_page(request, "search", words=words, found=found, own=own, hits_in=language)


@router.get("/about/cookies")
async def cookies(request: Request, viewer: Perhaps) -> Response:
    return public_page(request, "cookies")


@router.get("/news")
@router.get("/answers")
@router.get("/films")
@router.get("/courses")
async def library(request: Request, viewer: Perhaps, page: PageNumber = 1) -> Response:
    """All that is published of one kind, newest first."""
    section = _section(request)
    found = await app_of(request).services.public(
        "content", "/articles", kind=SECTIONS[section], page=str(page), limit=_ROWS
    )
    return public_page(
        request,
        "library",
        found=found,
        section=section,
        title=TITLES[section],
        description=DESCRIPTIONS[section],
        empty=EMPTY[section],
    )


@router.get("/news/{article_id}")
@router.get("/answers/{article_id}")
@router.get("/films/{article_id}")
@router.get("/courses/{article_id}")
async def article(request: Request, viewer: Perhaps, article_id: ArticleId) -> Response:
    section = _section(request)
    found = await app_of(request).services.public("content", f"/articles/{article_id}")
    if found["kind"] != SECTIONS[section]:
        raise ServiceRefused(404, "article-unknown", article_id)
    return public_page(
        request, "article", article=found, section=section, title=TITLES[section], preview=None
    )


def _section(request: Request) -> str:
    return request.url.path.split("/")[1]
