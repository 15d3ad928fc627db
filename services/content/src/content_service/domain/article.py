"""Articles: what everybody may read without signing in, and how one gets there.

An article's draft is reviewed, then published as the next edition, which never changes. Its public
edition stays while a new draft is written, until that is published or the article is withdrawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from content_service.domain.errors import DomainError
from content_service.domain.module import LANGUAGES, Text, missing_texts

ArticleKind = Literal["news", "question", "film", "e_learning"]
ArticleStatus = Literal["draft", "in_review", "published", "withdrawn"]
NO_TEXT = Text("", "")
_LINKED: tuple[ArticleKind, ...] = ("film", "e_learning")


@dataclass(frozen=True, slots=True)
class ArticleContent:
    """Everything that an editor writes. Of a question `title` is the question and `text` the
    answer; of a film `captions` are links to its WebVTT files, `transcript` all that is said."""

    title: Text
    text: Text
    url: str | None = None
    captions: Text = NO_TEXT
    transcript: Text = NO_TEXT
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """`version` counts changes; `edition` is the latest that was published, 0 before the first.

    `is_public`: everybody reads that edition, whatever becomes of the draft.
    """

    article_id: str
    kind: ArticleKind
    draft: ArticleContent
    status: ArticleStatus = "draft"
    version: int = 1
    edition: int = 0
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """What was published, as it was then."""

    article_id: str
    kind: ArticleKind
    edition: int
    content: ArticleContent
    published_at: datetime


def revise(article: Article, draft: ArticleContent) -> Article:
    """Return the article with another draft. Raises DomainError `article-in-review`."""
    if article.status == "in_review":
        detail = "The article is being reviewed. Send it back, then change it."
        raise DomainError("article-in-review", "conflict", detail)
    return _next(article, draft=draft, status="draft")


def submit(article: Article, today: date) -> Article:
    """Return the article in review.

    Raises DomainError `article-not-a-draft`, or `article-incomplete`, which lists every gap by
    JSON pointer.
    """
    if article.status != "draft":
        detail = f"The article is {article.status.replace('_', ' ')}; only a draft is reviewed."
        raise DomainError("article-not-a-draft", "conflict", detail)
    _check_complete(article, today)
    return _next(article, status="in_review")


def send_back(article: Article) -> Article:
    """Return the article as a draft again. Raises DomainError `article-not-in-review`."""
    _check_in_review(article)
    return _next(article, status="draft")


def publish(article: Article, now: datetime, today: date) -> tuple[Article, Edition]:
    """Return the reviewed draft as the next edition.

    Raises DomainError `article-not-in-review`, or `article-incomplete` if a date has passed.
    """
    _check_in_review(article)
    _check_complete(article, today)
    number = article.edition + 1
    published = _next(article, status="published", edition=number, is_public=True)
    return published, Edition(article.article_id, article.kind, number, article.draft, now)


def withdraw(article: Article) -> Article:
    """Return the article that nobody reads any more. Raises DomainError `article-not-public`."""
    if not article.is_public:
        detail = "Nothing of this article is public, so there is nothing to withdraw."
        raise DomainError("article-not-public", "conflict", detail)
    return _next(article, status="withdrawn", is_public=False)


def _next(article: Article, **changes: object) -> Article:
    changed: Article = replace(article, version=article.version + 1, **changes)  # type: ignore[arg-type]
    return changed


def _check_in_review(article: Article) -> None:
    if article.status != "in_review":
        detail = "The article is not being reviewed. Submit its draft first."
        raise DomainError("article-not-in-review", "conflict", detail)


def _check_complete(article: Article, today: date) -> None:
    gaps = [{"pointer": p, "detail": d} for p, d in _gaps(article.kind, article.draft, today)]
    if gaps:
        gaps_text = "1 thing is" if len(gaps) == 1 else f"{len(gaps)} things are"
        detail = f"{gaps_text} missing or wrong in the draft. Complete it, then submit it."
        raise DomainError("article-incomplete", "invalid", detail, gaps)


def _gaps(kind: ArticleKind, draft: ArticleContent, today: date) -> Iterator[tuple[str, str]]:
    """Everything that keeps the draft from being published."""
    yield from missing_texts("/title", draft.title)
    yield from missing_texts("/text", draft.text)
    if kind in _LINKED and not draft.url:
        yield "/url", f"An article of kind {kind} needs a link."
    if kind not in _LINKED and draft.url:
        yield "/url", "Only a film and a course have a link of their own."
    if kind == "film":
        yield from missing_texts("/captions", draft.captions)
        yield from missing_texts("/transcript", draft.transcript)
    else:
        for name in ("captions", "transcript"):
            if any(getattr(getattr(draft, name), language) for language in LANGUAGES):
                yield f"/{name}", "Only a film has captions and a transcript."
    if kind == "question" and (draft.review_by is None or draft.review_by <= today):
        yield "/review_by", "Say by which day to come the answer is looked at again."
    if kind != "question" and draft.review_by is not None:
        yield "/review_by", "Only an answer has a day by which it is looked at again."
