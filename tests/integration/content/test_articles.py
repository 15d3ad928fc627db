"""Articles over HTTP: what everybody reads without a token, and finds by its words."""

import asyncio
from collections.abc import AsyncIterator
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import asyncpg
import httpx
import pytest

from content_service.bootstrap import Content
from integration.content.client import MODULE, Client
from servicekit.settings import Database
from support.databases import SERVICES

NEWS: dict[str, Any] = {
    "article_id": "first-wave",
    "kind": "news",
    "title": {"sv": "Första vågen börjar", "en": "The first wave begins"},
    "text": {
        "sv": "Enheterna håller arbetsplatsträffar i september.",
        "en": "The units hold workplace meetings in September.",
    },
}
FILM: dict[str, Any] = {
    "article_id": "why-we-do-it",
    "kind": "film",
    "title": {"sv": "Därför gör vi det", "en": "Why we do it"},
    "text": {"sv": "En kort film.", "en": "A short film."},
    "url": "https://media.example.se/why.mp4",
    "captions": {
        "sv": "https://media.example.se/why.sv.vtt",
        "en": "https://media.example.se/why.en.vtt",
    },
    "transcript": {"sv": "Vi lär av varandra.", "en": "We learn from each other."},
}


@pytest.fixture
async def anybody(app: Content) -> AsyncIterator[httpx.AsyncClient]:
    """Without a token."""
    transport = httpx.ASGITransport(app.api())
    async with httpx.AsyncClient(transport=transport, base_url="http://content/v1") as http:
        yield http


async def made(client: Client, article: dict[str, Any], *steps: str) -> None:
    answer = await client.call("administrator", "POST", "/articles", article)
    assert answer.status_code == 201, answer.text
    for step in steps:
        meant = {"expected_version": answer.json()["version"]}
        path = f"/articles/{article['article_id']}/{step}"
        answer = await client.call("administrator", "POST", path, meant)
        assert answer.status_code == 200, answer.text


async def found(anybody: httpx.AsyncClient, words: str, language: str = "sv") -> list[str]:
    answer = await anybody.get("/public/search", params={"words": words, "language": language})
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["items"]]


async def test_everybody_reads_what_is_published_and_nothing_else(
    client: Client, anybody: httpx.AsyncClient
) -> None:
    await made(client, NEWS, "submit", "publish")
    await made(client, FILM, "submit", "publish")
    await made(client, {**NEWS, "article_id": "in-review"}, "submit")
    await made(client, {**NEWS, "article_id": "draft"})
    listed = (await anybody.get("/public/articles")).json()
    assert [one["article_id"] for one in listed["items"]] == ["why-we-do-it", "first-wave"]
    assert listed["total"] == 2
    films = (await anybody.get("/public/articles?kind=film&language=sv")).json()
    (film,) = films["items"]
    assert film["transcript"] == {"sv": "Vi lär av varandra."}
    assert film["captions"] == {"sv": "https://media.example.se/why.sv.vtt"}
    for unseen in ("in-review", "draft", "unheard-of"):
        assert (await anybody.get(f"/public/articles/{unseen}")).status_code == 404
        assert unseen not in str(await found(anybody, "vågen"))

    why = {"expected_version": 3, "reason": "Wrong film"}
    path = "/articles/why-we-do-it/withdraw"
    assert (await client.call("administrator", "POST", path, why)).status_code == 200
    assert (await anybody.get("/public/articles/why-we-do-it")).status_code == 404
    assert await found(anybody, "film") == []


async def test_a_cache_keeps_it_and_asks_whether_it_changed(
    client: Client, anybody: httpx.AsyncClient
) -> None:
    await made(client, NEWS, "submit", "publish")
    for path in ("/public/articles", "/public/articles/first-wave"):
        answer = await anybody.get(path)
        assert answer.headers["cache-control"] == "public, max-age=60"
        tag = answer.headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await anybody.get(path, headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
        changed = await anybody.get(path, headers={"if-none-match": '"other"'})
        assert changed.status_code == 200
        assert (await anybody.get(f"{path}?language=en")).headers["etag"] != tag


async def test_words_are_found_in_any_form_and_language(
    client: Client, anybody: httpx.AsyncClient
) -> None:
    await made(client, NEWS, "submit", "publish")
    await made(client, FILM, "submit", "publish")
    await client.published()
    for words in ("våg", "vågorna", "enhet arbetsplatsträff", '"första vågen"', "film or våg"):
        assert "first-wave" in await found(anybody, words), words
    for words in ("våg -september", '"vågen första"', "våg film"):
        assert "first-wave" not in await found(anybody, words), words
    assert await found(anybody, "meeting", "en") != []
    assert await found(anybody, "lär") == ["why-we-do-it"], "the transcript is searched"
    title = MODULE["title"]["sv"]
    assert MODULE["module_id"] in await found(anybody, title)
    for nothing in ("och", "-", '"', "zzz"):
        assert await found(anybody, nothing) == []


async def test_what_was_found_is_marked_and_titles_come_first(
    client: Client, anybody: httpx.AsyncClient
) -> None:
    other = {**NEWS, "article_id": "a-other", "title": {"sv": "Mer", "en": "More"}}
    other["text"] = {"sv": "Vågen i korthet", "en": "In short."}
    for article in (other, NEWS):
        await made(client, article, "submit", "publish")
    answer = await anybody.get("/public/search?words=våg&language=sv")
    first, second = answer.json()["items"]
    assert first["id"] == "first-wave"
    assert first["title"] == [
        {"text": "Första ", "found": False},
        {"text": "vågen", "found": True},
        {"text": " börjar", "found": False},
    ]
    assert "".join(part["text"] for part in second["excerpt"]) == other["text"]["sv"]
    assert [part["text"] for part in second["excerpt"] if part["found"]] == ["Vågen"]


@pytest.mark.parametrize("words", ["", " ", "a\u0000", "x" * 201, "a\u200bb"])
async def test_odd_words_are_refused(anybody: httpx.AsyncClient, words: str) -> None:
    answer = await anybody.get("/public/search", params={"words": words, "language": "sv"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "words", ["'", "a & | !", "(", "a:*", "\\", "''; drop table x", "<->", ")"]
)
async def test_no_words_break_the_search(anybody: httpx.AsyncClient, words: str) -> None:
    assert await found(anybody, words) == []


async def test_what_was_published_before_is_found_after_the_migration(
    client: Client, anybody: httpx.AsyncClient, database: Database
) -> None:
    await client.published()
    title = MODULE["title"]["sv"]
    assert await found(anybody, title) == [MODULE["module_id"]]
    path = SERVICES / "content/migrations/versions/0007_articles.py"
    spec = spec_from_file_location("migration", path)
    assert spec is not None
    assert spec.loader is not None
    migration = module_from_spec(spec)
    spec.loader.exec_module(migration)
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        await connection.execute("delete from public_texts")
        assert await found(anybody, title) == []
        await connection.execute(migration._PUBLISHED_MODULES)
    finally:
        await connection.close()
    assert await found(anybody, title) == [MODULE["module_id"]]


async def test_a_persons_question_is_answered_without_saying_who_asked(client: Client) -> None:
    said = {"text": "När börjar vår våg?", "language": "sv"}
    asked = await client.call("employee", "POST", "/questions", said)
    assert asked.status_code == 201
    inbox = await client.call("administrator", "GET", "/questions?status=waiting")
    assert inbox.json()["items"] == [asked.json()]
    assert "asked" not in inbox.text.replace("asked_at", "")
    path = f"/questions/{asked.json()['question_id']}/close"
    body = {"reason": "Se tidplanen."}
    assert (await client.call("administrator", "POST", path, body)).status_code == 200
    (own,) = (await client.call("employee", "GET", "/questions/own")).json()["items"]
    assert (own["status"], own["reason"]) == ("closed", "Se tidplanen.")
    assert (await client.call("manager", "GET", "/questions/own")).json()["items"] == []


async def test_many_questions_at_once_do_not_pass_the_limit(client: Client) -> None:
    said = {"text": "Ännu en?", "language": "sv"}
    answers = await asyncio.gather(
        *(client.call("employee", "POST", "/questions", said) for _ in range(9))
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 4
