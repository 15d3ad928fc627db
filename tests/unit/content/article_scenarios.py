"""What every implementation of the ports of articles, search and inbox must do."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from content_service.application.ports import OpenUnitOfWork, UnitOfWork
from content_service.domain.article import Article, ArticleKind, Edition
from content_service.domain.module import Text
from content_service.domain.question import Question
from servicekit.paging import PageRequest
from unit.content.builders import film, news

Scenario = Callable[[OpenUnitOfWork], Awaitable[None]]

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
FIRST_TEN = PageRequest(limit=10)


async def _published(
    uow: UnitOfWork, article_id: str, kind: ArticleKind, at: datetime, number: int = 1
) -> Edition:
    content = film() if kind == "film" else news()
    article = Article(article_id, kind, content, "published", 2, number, is_public=True)
    if not await uow.articles.add(article):
        await uow.articles.save(article)
    edition = Edition(article_id, kind, number, content, at)
    await uow.articles.add_edition(edition)
    return edition


async def an_article_is_added_once_and_read_as_written(new: OpenUnitOfWork) -> None:
    article = Article("start", "film", film())
    async with new() as uow:
        assert await uow.articles.add(article)
        assert await uow.articles.get("start") == article
        assert await uow.articles.lock("start") == article
        assert await uow.articles.get("gone") is None
    async with new() as uow:
        assert not await uow.articles.add(Article("start", "news", news()))
        revised = replace(article, status="in_review", version=2)
        await uow.articles.save(revised)
        assert await uow.articles.get("start") == revised


async def articles_are_listed_by_kind_and_status(new: OpenUnitOfWork) -> None:
    async with new() as uow:
        await uow.articles.add(Article("b", "news", news()))
        await uow.articles.add(Article("a", "film", film(), "in_review"))
        found, total = await uow.articles.page(None, None, FIRST_TEN)
        assert ([one.article_id for one in found], total) == (["a", "b"], 2)
        found, total = await uow.articles.page("news", None, FIRST_TEN)
        assert ([one.article_id for one in found], total) == (["b"], 1)
        found, total = await uow.articles.page(None, "in_review", FIRST_TEN)
        assert ([one.article_id for one in found], total) == (["a"], 1)


async def everybody_reads_the_latest_edition_of_what_is_public(new: OpenUnitOfWork) -> None:
    async with new() as uow:
        await uow.articles.add(Article("draft", "news", news()))
        old = await _published(uow, "old", "film", NOW)
        await _published(uow, "twice", "news", NOW)
        twice = await _published(uow, "twice", "news", NOW + timedelta(hours=1), 2)
        await _published(uow, "gone", "news", NOW)
        gone = Article("gone", "news", news(), "withdrawn", 3, 1)
        await uow.articles.save(gone)
    async with new() as uow:
        assert await uow.articles.public_page(None, FIRST_TEN) == ([twice, old], 2)
        assert await uow.articles.public_page("film", FIRST_TEN) == ([old], 1)
        second = PageRequest(limit=1, page=2)
        assert await uow.articles.public_page(None, second) == ([old], 2)
        assert await uow.articles.public("twice") == twice
        asked = ("twice", "old", "gone", "draft", "unheard-of")
        assert await uow.articles.which_public(asked) == {"twice", "old"}
        assert await uow.articles.which_public(()) == frozenset()
        for unseen in ("gone", "draft", "unheard-of"):
            assert await uow.articles.public(unseen) is None


async def a_public_text_is_found_in_its_language(new: OpenUnitOfWork) -> None:
    async with new() as uow:
        await uow.search.put("news", "a", Text("Ny våg", "New wave"), Text("Snart", "Soon"))
        await uow.search.put("module", "b", Text("Modul", "Module"), Text("Vågmod", "Courage"))
        found, total = await uow.search.find("wave", "en", FIRST_TEN)
        assert ([(one.kind, one.id) for one in found], total) == ([("news", "a")], 1)
        assert await uow.search.find("wave", "sv", FIRST_TEN) == ([], 0)
        await uow.search.put("news", "a", Text("Annat", "Other"), Text("Snart", "Soon"))
        assert await uow.search.find("wave", "en", FIRST_TEN) == ([], 0)
        await uow.search.remove("module", "b")
        assert await uow.search.find("courage", "en", FIRST_TEN) == ([], 0)


async def questions_are_kept_until_they_are_old(new: OpenUnitOfWork) -> None:
    first = Question(uuid4(), "How?", "en", "account-1", NOW)
    later = Question(uuid4(), "När?", "sv", "account-2", NOW + timedelta(days=1))
    async with new() as uow:
        for question in (later, first):
            await uow.inbox.add(question)
        assert await uow.inbox.page(None, None, FIRST_TEN) == ([first, later], 2)
        assert await uow.inbox.page(None, "account-2", FIRST_TEN) == ([later], 1)
        assert await uow.inbox.lock_waiting("account-1") == 1
        closed = replace(first, status="closed", reason="Twice", handled_at=NOW)
        await uow.inbox.save(closed)
        assert await uow.inbox.lock(first.question_id) == closed
        assert await uow.inbox.lock(uuid4()) is None
        assert await uow.inbox.lock_waiting("account-1") == 0
        assert await uow.inbox.page("waiting", None, FIRST_TEN) == ([later], 1)
    async with new() as uow:
        assert await uow.inbox.remove(NOW, NOW) == 0
        assert await uow.inbox.remove(NOW + timedelta(seconds=1), NOW) == 1
        assert await uow.inbox.page(None, None, FIRST_TEN) == ([later], 1)
        assert await uow.inbox.remove(NOW, NOW + timedelta(days=2)) == 1


SCENARIOS: tuple[Scenario, ...] = (
    an_article_is_added_once_and_read_as_written,
    articles_are_listed_by_kind_and_status,
    everybody_reads_the_latest_edition_of_what_is_public,
    a_public_text_is_found_in_its_language,
    questions_are_kept_until_they_are_old,
)
