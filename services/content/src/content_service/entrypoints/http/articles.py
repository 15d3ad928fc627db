"""HTTP: articles as their editors see them."""

from fastapi import APIRouter, Request, Response

from content_service.application import article_handlers
from content_service.domain.article import ArticleKind, ArticleStatus
from content_service.entrypoints.app import ArticleEditor, ArticleId, app_of
from content_service.entrypoints.http.article_schemas import (
    ArticleBody,
    ExpectedBody,
    NewArticleBody,
    ReasonedBody,
    RevisedArticleBody,
)
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["articles"])


@router.post("/articles", status_code=201, response_model=ArticleBody)
async def create_article(
    request: Request, caller: ArticleEditor, key: IdempotencyKey, body: NewArticleBody
) -> Response:
    """Create an article with its first draft. Only editors see it before it is published."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ArticleBody:
            made = await article_handlers.create_article(
                body.article_id, body.kind, body.content(), uow
            )
            return ArticleBody.of(made)

        return await idempotent(uow, key, produce, status=201)


@router.get("/articles")
async def list_articles(
    request: Request,
    caller: ArticleEditor,
    page: PageQuery,
    kind: ArticleKind | None = None,
    status: ArticleStatus | None = None,
) -> Page[ArticleBody]:
    """All articles with their drafts, by id."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.articles.page(kind, status, page)
    return page.holding([ArticleBody.of(article) for article in found], total)


@router.get("/articles/{article_id}")
async def get_article(
    request: Request, caller: ArticleEditor, article_id: ArticleId
) -> ArticleBody:
    """An article with its present draft."""
    async with app_of(request).uow() as uow:
        return ArticleBody.of(await article_handlers.get_article(article_id, uow))


@router.put("/articles/{article_id}/draft")
async def revise_article(
    request: Request, caller: ArticleEditor, article_id: ArticleId, body: RevisedArticleBody
) -> ArticleBody:
    """Replace the draft. What is public stays until the draft is published."""
    async with app_of(request).uow().by(caller) as uow:
        revised = await article_handlers.revise_article(
            article_id, body.expected_version, body.content(), uow
        )
    return ArticleBody.of(revised)


@router.post("/articles/{article_id}/submit", response_model=ArticleBody)
async def submit_article(
    request: Request,
    caller: ArticleEditor,
    key: IdempotencyKey,
    article_id: ArticleId,
    body: ExpectedBody,
) -> Response:
    """Have the draft reviewed. It must be complete, and does not change meanwhile."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ArticleBody:
            submitted = await article_handlers.submit_article(
                article_id, body.expected_version, uow
            )
            return ArticleBody.of(submitted)

        return await idempotent(uow, key, produce)


@router.post("/articles/{article_id}/send-back", response_model=ArticleBody)
async def send_article_back(
    request: Request,
    caller: ArticleEditor,
    key: IdempotencyKey,
    article_id: ArticleId,
    body: ReasonedBody,
) -> Response:
    """Make what is being reviewed a draft again."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ArticleBody:
            draft = await article_handlers.send_article_back(
                article_id, body.expected_version, body.reason, uow
            )
            return ArticleBody.of(draft)

        return await idempotent(uow, key, produce)


@router.post("/articles/{article_id}/publish", response_model=ArticleBody)
async def publish_article(
    request: Request,
    caller: ArticleEditor,
    key: IdempotencyKey,
    article_id: ArticleId,
    body: ExpectedBody,
) -> Response:
    """Publish what was reviewed, as the next edition, which never changes."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ArticleBody:
            published = await article_handlers.publish_article(
                article_id, body.expected_version, uow
            )
            return ArticleBody.of(published)

        return await idempotent(uow, key, produce)


@router.post("/articles/{article_id}/withdraw", response_model=ArticleBody)
async def withdraw_article(
    request: Request,
    caller: ArticleEditor,
    key: IdempotencyKey,
    article_id: ArticleId,
    body: ReasonedBody,
) -> Response:
    """From now on nobody reads it; its editions are kept."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ArticleBody:
            withdrawn = await article_handlers.withdraw_article(
                article_id, body.expected_version, body.reason, uow
            )
            return ArticleBody.of(withdrawn)

        return await idempotent(uow, key, produce)
