"""The use cases of articles. Each runs inside an open unit of work and never commits."""

from collections.abc import Callable, Mapping

from content_service.application.differences import changed_fields
from content_service.application.ports import UnitOfWork
from content_service.domain import article as articles
from content_service.domain.article import Article, ArticleContent, ArticleKind, Edition
from content_service.domain.calendar import civil_date
from content_service.domain.errors import DomainError
from content_service.domain.module import Text


async def create_article(
    article_id: str, kind: ArticleKind, draft: ArticleContent, uow: UnitOfWork
) -> Article:
    """Return a new article with its first draft. Raises DomainError `article-exists`."""
    article = await add_article(Article(article_id, kind, draft), uow)
    _note("create_article", article, uow, after={"kind": kind})
    return article


async def add_article(article: Article, uow: UnitOfWork) -> Article:
    """Raises DomainError `article-exists`."""
    if not await uow.articles.add(article):
        detail = f"Article {article.article_id} exists already. Choose another id."
        raise DomainError("article-exists", "conflict", detail)
    return article


async def get_article(article_id: str, uow: UnitOfWork) -> Article:
    """Raises DomainError `article-unknown`."""
    return _found(await uow.articles.get(article_id), article_id)


async def revise_article(
    article_id: str, expected_version: int, draft: ArticleContent, uow: UnitOfWork
) -> Article:
    """Replace the draft; what is public stays.

    Raises DomainError `article-unknown`, `article-changed` or `article-in-review`.
    """
    before = await _lock(article_id, expected_version, uow)
    after = articles.revise(before, draft)
    await uow.articles.save(after)
    changed = {"changed": changed_fields(before.draft, draft)}
    _note("revise_article", after, uow, {"status": before.status}, changed)
    return after


async def submit_article(article_id: str, expected_version: int, uow: UnitOfWork) -> Article:
    """Raises DomainError `article-unknown`, `article-changed`, or one of the domain's."""
    today = civil_date(await uow.now())
    return await _move(
        "submit_article",
        article_id,
        expected_version,
        lambda article: articles.submit(article, today),
        uow,
    )


async def send_article_back(
    article_id: str, expected_version: int, reason: str, uow: UnitOfWork
) -> Article:
    """Raises DomainError `article-unknown`, `article-changed` or `article-not-in-review`."""
    return await _move(
        "send_article_back", article_id, expected_version, articles.send_back, uow, reason
    )


async def publish_article(article_id: str, expected_version: int, uow: UnitOfWork) -> Article:
    """Publish the reviewed draft as the next edition, which can be searched from now on.

    Raises DomainError `article-unknown`, `article-changed`, or one of the domain's.
    """
    before = await _lock(article_id, expected_version, uow)
    now = await uow.now()
    after, edition = articles.publish(before, now, civil_date(now))
    await uow.articles.save(after)
    await uow.articles.add_edition(edition)
    await uow.search.put(after.kind, article_id, edition.content.title, _searched(edition))
    said = {"status": before.status, "edition": before.edition}
    _note("publish_article", after, uow, said, {"status": after.status, "edition": after.edition})
    return after


async def withdraw_article(
    article_id: str, expected_version: int, reason: str, uow: UnitOfWork
) -> Article:
    """Raises DomainError `article-unknown`, `article-changed` or `article-not-public`."""
    withdrawn = await _move(
        "withdraw_article", article_id, expected_version, articles.withdraw, uow, reason
    )
    await uow.search.remove(withdrawn.kind, article_id)
    return withdrawn


async def get_edition(article_id: str, uow: UnitOfWork) -> Edition:
    """What everybody reads of an article.

    Raises DomainError `article-unknown`, also for one of which nothing is public.
    """
    edition = await uow.articles.public(article_id)
    if edition is None:
        raise _unknown(article_id)
    return edition


async def _move(
    operation: str,
    article_id: str,
    expected_version: int,
    change: Callable[[Article], Article],
    uow: UnitOfWork,
    reason: str = "",
) -> Article:
    before = await _lock(article_id, expected_version, uow)
    after = change(before)
    await uow.articles.save(after)
    _note(operation, after, uow, {"status": before.status}, {"status": after.status}, reason)
    return after


async def _lock(article_id: str, expected_version: int, uow: UnitOfWork) -> Article:
    article = _found(await uow.articles.lock(article_id), article_id)
    if article.version != expected_version:
        detail = (
            f"The article is at version {article.version}; you expected {expected_version}. Read it"
            " again, then decide."
        )
        raise DomainError("article-changed", "conflict", detail)
    return article


def _found(article: Article | None, article_id: str) -> Article:
    if article is None:
        raise _unknown(article_id)
    return article


def _unknown(article_id: str) -> DomainError:
    return DomainError("article-unknown", "not_found", f"There is no article {article_id}.")


def _searched(edition: Edition) -> Text:
    text, spoken = edition.content.text, edition.content.transcript
    return Text(f"{text.sv}\n{spoken.sv}".strip(), f"{text.en}\n{spoken.en}".strip())


def _note(
    operation: str,
    article: Article,
    uow: UnitOfWork,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    subject = f"article/{article.article_id}"
    uow.audit(f"articles.edit/{operation}", subject, before, after, reason)
