"""How an article becomes public, and who may see what of it until then."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from content_service.application import article_handlers as handlers
from content_service.domain import article as articles
from content_service.domain.article import Article, ArticleContent, ArticleKind
from content_service.domain.errors import DomainError
from content_service.domain.module import Text
from servicekit.paging import PageRequest
from unit.content.builders import film, news, text
from unit.content.fakes import FakeUnitOfWork
from unit.content.setting import TODAY, refused

ALL = PageRequest(limit=10)
ANSWER = ArticleContent(text("Why?"), text("Because"), review_by=date(2026, 9, 1))
COURSE = ArticleContent(text("Course"), text("About"), "https://learn.example.se/um")


async def made(uow: FakeUnitOfWork, article_id: str = "new") -> Article:
    return await handlers.create_article(article_id, "news", news(), uow)


async def published(uow: FakeUnitOfWork, article_id: str = "new") -> Article:
    await made(uow, article_id)
    await handlers.submit_article(article_id, 1, uow)
    return await handlers.publish_article(article_id, 2, uow)


async def test_from_draft_to_public_and_back(uow: FakeUnitOfWork) -> None:
    article = await published(uow)
    assert (article.status, article.version, article.edition) == ("published", 3, 1)
    assert (await handlers.get_edition("new", uow)).content == news()
    found, _ = await uow.search.find("happened", "en", ALL)
    assert [(one.kind, one.id) for one in found] == [("news", "new")]
    withdrawn = await handlers.withdraw_article("new", 3, "Wrong", uow)
    assert withdrawn.status == "withdrawn"
    assert await uow.search.find("happened", "en", ALL) == ([], 0)
    with refused("article-unknown"):
        await handlers.get_edition("new", uow)


async def test_a_new_draft_leaves_what_is_public_until_it_is_published(
    uow: FakeUnitOfWork,
) -> None:
    await published(uow)
    other = replace(news(), title=text("Other"))
    revised = await handlers.revise_article("new", 3, other, uow)
    assert (revised.status, revised.is_public) == ("draft", True)
    assert (await handlers.get_edition("new", uow)).content == news()
    await handlers.submit_article("new", 4, uow)
    await handlers.publish_article("new", 5, uow)
    edition = await handlers.get_edition("new", uow)
    assert (edition.edition, edition.content) == (2, other)


async def test_nothing_is_public_before_it_was_reviewed(uow: FakeUnitOfWork) -> None:
    await made(uow)
    with refused("article-not-in-review"):
        await handlers.publish_article("new", 1, uow)
    await handlers.submit_article("new", 1, uow)
    with refused("article-unknown"):
        await handlers.get_edition("new", uow)
    assert await uow.search.find("happened", "en", ALL) == ([], 0)


async def test_what_is_reviewed_does_not_change(uow: FakeUnitOfWork) -> None:
    await made(uow)
    await handlers.submit_article("new", 1, uow)
    with refused("article-in-review"):
        await handlers.revise_article("new", 2, news(), uow)
    sent_back = await handlers.send_article_back("new", 2, "Say it shorter", uow)
    assert sent_back.status == "draft"
    await handlers.revise_article("new", 3, news(), uow)


Step = Callable[[FakeUnitOfWork, int], Awaitable[Any]]
STEPS: dict[str, Step] = {
    "revise": lambda uow, version: handlers.revise_article("new", version, news(), uow),
    "submit": lambda uow, version: handlers.submit_article("new", version, uow),
    "send back": lambda uow, version: handlers.send_article_back("new", version, "x", uow),
    "publish": lambda uow, version: handlers.publish_article("new", version, uow),
    "withdraw": lambda uow, version: handlers.withdraw_article("new", version, "x", uow),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_of_two_editors_the_second_is_told(uow: FakeUnitOfWork, step: Step) -> None:
    await made(uow)
    for version in (0, 2):
        with refused("article-changed"):
            await step(uow, version)
    assert (await handlers.get_article("new", uow)).version == 1


@pytest.mark.parametrize(
    ("status", "refusals"),
    [
        ("draft", {"send_back": "article-not-in-review", "withdraw": "article-not-public"}),
        ("in_review", {"submit": "article-not-a-draft", "withdraw": "article-not-public"}),
        ("published", {"submit": "article-not-a-draft", "send_back": "article-not-in-review"}),
        (
            "withdrawn",
            {
                "submit": "article-not-a-draft",
                "send_back": "article-not-in-review",
                "withdraw": "article-not-public",
            },
        ),
    ],
)
def test_each_step_has_its_time(status: Any, refusals: dict[str, str]) -> None:
    article = Article("new", "news", news(), status, is_public=status == "published")
    steps: dict[str, Callable[[], Any]] = {
        "submit": lambda: articles.submit(article, TODAY),
        "send_back": lambda: articles.send_back(article),
        "withdraw": lambda: articles.withdraw(article),
    }
    for name, step in steps.items():
        if code := refusals.get(name):
            with refused(code):
                step()
        else:
            step()


@pytest.mark.parametrize(
    ("kind", "draft", "pointers"),
    [
        ("news", news(), []),
        ("film", film(), []),
        ("question", ANSWER, []),
        ("e_learning", COURSE, []),
        ("news", ArticleContent(Text("Ny", ""), Text(" ", "x")), ["/title/en", "/text/sv"]),
        ("news", replace(news(), url="https://x.example.se"), ["/url"]),
        ("news", replace(news(), review_by=date(2026, 9, 1)), ["/review_by"]),
        ("news", replace(news(), transcript=text("x")), ["/transcript"]),
        ("film", replace(film(), url=None), ["/url"]),
        ("film", replace(film(), captions=Text("https://x.se/a", "")), ["/captions/en"]),
        ("film", replace(film(), transcript=Text("", "x")), ["/transcript/sv"]),
        ("e_learning", replace(COURSE, url=None), ["/url"]),
        ("question", replace(ANSWER, review_by=None), ["/review_by"]),
        ("question", replace(ANSWER, review_by=TODAY), ["/review_by"]),
    ],
)
def test_every_gap_is_named(kind: ArticleKind, draft: ArticleContent, pointers: list[str]) -> None:
    article = Article("new", kind, draft)
    if not pointers:
        articles.submit(article, TODAY)
        return
    with pytest.raises(DomainError) as caught:
        articles.submit(article, TODAY)
    assert caught.value.code == "article-incomplete"
    assert [one["pointer"] for one in caught.value.errors] == pointers


async def test_a_date_that_passed_in_review_is_refused(uow: FakeUnitOfWork) -> None:
    await handlers.create_article("why", "question", ANSWER, uow)
    await handlers.submit_article("why", 1, uow)
    uow.time = uow.time.replace(year=2027)
    with refused("article-incomplete"):
        await handlers.publish_article("why", 2, uow)


async def test_an_id_is_used_once(uow: FakeUnitOfWork) -> None:
    await made(uow)
    with refused("article-exists"):
        await made(uow)
    with refused("article-unknown"):
        await handlers.get_article("unheard-of", uow)


async def test_modules_are_found_by_title_and_purpose_once_published(uow: FakeUnitOfWork) -> None:
    found, total = await uow.search.find("title in english", "en", ALL)
    assert [(one.kind, one.id) for one in found] == [("module", "samtal"), ("module", "start")]
    assert await uow.search.find("body", "en", ALL) == ([], 0)
    assert total == 2


async def test_the_audit_trail_has_no_texts(uow: FakeUnitOfWork) -> None:
    await published(uow)
    await handlers.revise_article("new", 3, replace(news(), text=text("Secret")), uow)
    assert [one.action for one in uow.noted][-4:] == [
        "articles.edit/create_article",
        "articles.edit/submit_article",
        "articles.edit/publish_article",
        "articles.edit/revise_article",
    ]
    assert uow.noted[-1].after == {"changed": ["text"]}
    assert "happened" not in str(uow.noted)
    assert uow.events == []
