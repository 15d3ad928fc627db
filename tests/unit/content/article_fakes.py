"""Articles, search and the inbox in memory, held to the same scenarios as PostgreSQL."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from content_service.application.ports import PageOf
from content_service.domain.article import Article, ArticleKind, ArticleStatus, Edition
from content_service.domain.module import LANGUAGES, Language, Text
from content_service.domain.question import Question, QuestionStatus
from content_service.domain.search import Hit, Part, SearchedKind


class FakeArticles:
    def __init__(self) -> None:
        self.rows: dict[str, Article] = {}
        self.editions: dict[tuple[str, int], Edition] = {}

    async def add(self, article: Article) -> bool:
        return self.rows.setdefault(article.article_id, article) is article

    async def get(self, article_id: str) -> Article | None:
        return self.rows.get(article_id)

    async def lock(self, article_id: str) -> Article | None:
        return self.rows.get(article_id)

    async def save(self, article: Article) -> None:
        self.rows[article.article_id] = article

    async def add_edition(self, edition: Edition) -> None:
        self.editions[edition.article_id, edition.edition] = edition

    async def page(
        self, kind: ArticleKind | None, status: ArticleStatus | None, page: PageOf
    ) -> tuple[list[Article], int]:
        found = [
            article
            for _, article in sorted(self.rows.items())
            if kind in (None, article.kind) and status in (None, article.status)
        ]
        return found[page.offset : page.offset + page.limit], len(found)

    async def public(self, article_id: str) -> Edition | None:
        article = self.rows.get(article_id)
        if article is None or not article.is_public:
            return None
        return self.editions[article_id, article.edition]

    async def which_public(self, article_ids: Collection[str]) -> frozenset[str]:
        return frozenset([one for one in article_ids if await self.public(one)])

    async def public_page(
        self, kind: ArticleKind | None, page: PageOf
    ) -> tuple[list[Edition], int]:
        public = [await self.public(article_id) for article_id in sorted(self.rows)]
        found = [one for one in public if one and kind in (None, one.kind)]
        found.sort(key=lambda one: one.published_at, reverse=True)
        return found[page.offset : page.offset + page.limit], len(found)


class FakeSearch:
    """Finds words as they are written, in the order of ids."""

    def __init__(self) -> None:
        self.rows: dict[tuple[SearchedKind, str, Language], tuple[str, str]] = {}

    async def put(self, kind: SearchedKind, id_: str, title: Text, body: Text) -> None:
        for language in LANGUAGES:
            texts = getattr(title, language), getattr(body, language)
            self.rows[kind, id_, language] = texts

    async def remove(self, kind: SearchedKind, id_: str) -> None:
        for language in LANGUAGES:
            self.rows.pop((kind, id_, language), None)

    async def find(self, words: str, language: Language, page: PageOf) -> tuple[list[Hit], int]:
        found = [
            Hit(kind, id_, (Part(title, found=False),), (Part(body, found=False),))
            for (kind, id_, of), (title, body) in sorted(self.rows.items())
            if of == language and all(w in f"{title} {body}".lower() for w in words.lower().split())
        ]
        return found[page.offset : page.offset + page.limit], len(found)


class FakeInbox:
    def __init__(self) -> None:
        self.rows: dict[UUID, Question] = {}

    async def add(self, question: Question) -> None:
        self.rows[question.question_id] = question

    async def lock_waiting(self, account: str) -> int:
        return sum(q.asked_by == account and q.status == "waiting" for q in self.rows.values())

    async def lock(self, question_id: UUID) -> Question | None:
        return self.rows.get(question_id)

    async def save(self, question: Question) -> None:
        self.rows[question.question_id] = replace(question)

    async def page(
        self, status: QuestionStatus | None, account: str | None, page: PageOf
    ) -> tuple[list[Question], int]:
        found = [
            question
            for question in sorted(self.rows.values(), key=lambda one: one.asked_at)
            if status in (None, question.status) and account in (None, question.asked_by)
        ]
        return found[page.offset : page.offset + page.limit], len(found)

    async def remove(self, handled_before: datetime, asked_before: datetime) -> int:
        old = [
            one.question_id
            for one in self.rows.values()
            if (
                one.asked_at < asked_before
                if one.handled_at is None
                else one.handled_at < handled_before
            )
        ]
        for question_id in old:
            del self.rows[question_id]
        return len(old)
