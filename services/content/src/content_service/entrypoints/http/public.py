"""HTTP: what everybody may read, without a token. Nothing here is about a unit or a person."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from content_service.application import article_handlers
from content_service.domain.article import ArticleKind
from content_service.domain.module import Language
from content_service.entrypoints.app import ArticleId, app_of
from content_service.entrypoints.http.article_schemas import EditionBody, HitBody
from content_service.entrypoints.http.modules import OnlyLanguage
from servicekit.paging import Page, PageQuery
from servicekit.public_answer import public_answer
from servicekit.text import Line

router = APIRouter(prefix="/public", tags=["public"])
Words = Annotated[
    Line,
    Field(max_length=200),
    Query(
        description='All must occur, in any form; "quoted" ones together, `or` between two: one of'
        " them, those after - not at all.",
        examples=["arbetsplatsträff"],
    ),
]


@router.get("/articles", response_model=Page[EditionBody])
async def list_public_articles(
    request: Request,
    page: PageQuery,
    kind: ArticleKind | None = None,
    language: OnlyLanguage = None,
) -> Response:
    """Published articles, newest first."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.articles.public_page(kind, page)
    items = [EditionBody.of(edition, language) for edition in found]
    return public_answer(request, page.holding(items, total))


@router.get("/articles/{article_id}", response_model=EditionBody)
async def get_public_article(
    request: Request, article_id: ArticleId, language: OnlyLanguage = None
) -> Response:
    """A published article in full."""
    async with app_of(request).uow() as uow:
        edition = await article_handlers.get_edition(article_id, uow)
    return public_answer(request, EditionBody.of(edition, language))


@router.get("/search", response_model=Page[HitBody])
async def search(request: Request, page: PageQuery, words: Words, language: Language) -> Response:
    """Published articles, and modules by their titles and purposes, with these words."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.search.find(words, language, page)
    return public_answer(request, page.holding([HitBody.of(hit) for hit in found], total))
