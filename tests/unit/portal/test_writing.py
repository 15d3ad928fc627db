"""Administrators write, review and publish articles; people ask, and are answered."""

import re
from typing import Any

import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser

TYPED = {
    "title_sv": " Nytt ",
    "title_en": "New",
    "text_sv": "Ett\r\n\r\nTvå",
    "text_en": "One",
    "version": "3",
    "sent": ID,
}


@pytest.fixture
def news(signed_in: Browser) -> Browser:
    draft = answers.article(status="draft")
    signed_in.services.answers[("content", "/articles/news")] = draft
    return signed_in


async def test_a_new_article_is_sent_as_its_kind_has_it(signed_in: Browser) -> None:
    path = ("content", "/articles")
    signed_in.services.answers[path] = {**answers.page(), "article_id": "new-wave"}
    more = {"article_id": "new-wave", "review_by": "2026-09-01", "url": "https://x.example.se"}
    answer = await signed_in.post("/articles/new?kind=question", **TYPED, **more)
    assert (answer.status_code, answer.headers["location"]) == (303, "/articles/new-wave")
    (sent,) = signed_in.services.sent
    assert sent[1:] == (
        "/articles",
        {
            "article_id": "new-wave",
            "kind": "question",
            "title": {"sv": "Nytt", "en": "New"},
            "text": {"sv": "Ett\r\n\r\nTvå", "en": "One"},
            "review_by": "2026-09-01",
        },
        ID,
    )


async def test_a_draft_names_the_version_that_was_read(news: Browser) -> None:
    answer = await news.post("/articles/news", **TYPED)
    assert answer.headers["location"] == "/articles/news"
    _, path, body, _ = news.services.sent[0]
    assert (path, body["expected_version"]) == ("/articles/news/draft", 3)


async def test_what_was_typed_comes_back_when_somebody_else_was_faster(news: Browser) -> None:
    refusal = ServiceRefused(409, "article-changed", "x")
    news.services.refusals[("content", "/articles/news/draft")] = refusal
    answer = await news.post("/articles/news", **TYPED)
    assert answer.status_code == 409
    assert "Någon har ändrat artikeln under tiden" in answer.text
    assert "Ett\r\n\r\nTvå" in answer.text
    row = r'<th scope="row">Titel på svenska</th><td class="lines">Nytt</td>'
    assert re.search(row + r'<td class="lines">Rehab</td>', answer.text)
    assert 'name="version" value="3"' in answer.text


async def test_what_is_saved_again_replaces_what_somebody_else_saved(news: Browser) -> None:
    """The version is the newest, not the one that the form was made of; ends of lines that the
    browser changed are no difference."""
    refusal = ServiceRefused(409, "article-changed", "x")
    news.services.refusals[("content", "/articles/news/draft")] = refusal
    theirs = news.services.answers["content", "/articles/news"]
    theirs |= {"version": 5}
    theirs["draft"]["text"]["sv"] = "Ett\n\nTvå"
    answer = await news.post("/articles/news", **{**TYPED, "version": "3"})
    assert 'name="version" value="5"' in answer.text
    assert '<th scope="row">Text på svenska</th>' not in answer.text
    assert '<th scope="row">Titel på svenska</th>' in answer.text


async def test_the_reason_of_a_step_that_is_refused_comes_back(news: Browser) -> None:
    refusal = ServiceRefused(409, "article-changed", "x")
    news.services.refusals[("content", "/articles/news/withdraw")] = refusal
    answer = await news.post("/articles/news/steps/withdraw", version="2", reason="It is wrong")
    assert answer.status_code == 409
    assert 'name="reason" value="It is wrong"' in answer.text


async def test_every_gap_leads_to_its_field(news: Browser) -> None:
    pointers = ("/body/title/en", "/body/text/sv", "/body/unheard-of")
    gaps = [{"pointer": pointer, "detail": "missing"} for pointer in pointers]
    refusal = ServiceRefused(422, "article-incomplete", "x", gaps)
    news.services.refusals[("content", "/articles/news/submit")] = refusal
    answer = await news.post("/articles/news/steps/submit", version="3", sent=ID)
    assert answer.status_code == 422
    assert '<form method="post" action="/articles/news" class' in answer.text, "it saves the draft"
    assert re.findall(r'href="#(\w+)">([^<]+)<', answer.text) == [
        ("content", "Hoppa till innehållet"),
        ("title_en", "Titel på engelska"),
        ("text_sv", "Text på svenska"),
    ]


@pytest.mark.parametrize(
    ("status", "is_public", "steps"),
    [
        ("draft", False, ["submit"]),
        ("draft", True, ["submit", "withdraw"]),
        ("in_review", False, ["publish", "send-back"]),
        ("published", True, ["withdraw"]),
        ("withdrawn", False, []),
    ],
)
async def test_each_status_offers_its_steps(
    news: Browser, status: str, is_public: bool, steps: list[str]
) -> None:
    found = {**answers.article(status=status), "is_public": is_public}
    news.services.answers[("content", "/articles/news")] = found
    text = (await news.get("/articles/news")).text
    assert re.findall(r"/steps/([\w-]+)", text) == steps
    assert ("Spara utkastet" in text) == (status != "in_review")


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("submit", {"expected_version": 3}),
        ("publish", {"expected_version": 3}),
        ("send-back", {"expected_version": 3, "reason": "Kortare"}),
        ("withdraw", {"expected_version": 3, "reason": "Kortare"}),
    ],
)
async def test_a_step_is_taken(news: Browser, step: str, body: dict[str, Any]) -> None:
    path = f"/articles/news/steps/{step}"
    answer = await news.post(path, version="3", sent=ID, reason="Kortare")
    assert answer.headers["location"] == "/articles/news"
    assert news.services.sent == [("content", f"/articles/news/{step}", body, ID)]


async def test_a_preview_says_that_it_is_one(signed_in: Browser) -> None:
    text = (await signed_in.get("/articles/why/preview")).text
    assert "Det här är en förhandsvisning" in text
    assert 'href="/articles/why"' in text


@pytest.mark.parametrize("path", ["/articles", "/articles/new", "/articles/why", "/inbox", "/ask"])
async def test_whoever_is_not_signed_in_does_that_first(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?return_to={path}")


async def test_only_those_who_may_write_are_led_there(signed_in: Browser) -> None:
    assert 'href="/articles"' in (await signed_in.get("/start")).text
    signed_in.authenticator.assignments = frozenset({Assignment("administrator", "rehab")})
    assert 'href="/articles"' not in (await signed_in.get("/start")).text
    signed_in.authenticator.assignments = frozenset({Assignment("employee", "rehab")})
    text = (await signed_in.get("/start")).text
    assert 'href="/articles"' not in text
    assert 'href="/ask"' in text
    signed_in.authenticator.assignments = frozenset({Assignment("operator", EVERY_UNIT)})
    assert 'href="/ask"' not in (await signed_in.get("/start")).text


async def test_a_question_is_asked_in_the_readers_language(signed_in: Browser) -> None:
    answer = await signed_in.post("/ask", text="Hur?", sent=ID)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ask#own")
    body = {"text": "Hur?", "language": "sv"}
    assert signed_in.services.sent == [("content", "/questions", body, ID)]


async def test_one_question_too_many_comes_back(signed_in: Browser) -> None:
    refusal = ServiceRefused(409, "questions-waiting", "x")
    signed_in.services.refusals[("content", "/questions")] = refusal
    answer = await signed_in.post("/ask", text="Hur länge?", sent=ID)
    assert answer.status_code == 409
    assert "Flera av dina frågor väntar" in answer.text
    assert "Hur länge?" in answer.text


async def test_a_question_becomes_a_draft_or_is_closed(signed_in: Browser) -> None:
    answer = await signed_in.post(f"/inbox/{ID}/draft", article_id="how-long", sent=ID)
    assert answer.headers["location"] == "/articles/how-long"
    answer = await signed_in.post(f"/inbox/{ID}/close", reason="Redan besvarad", sent=ID)
    assert answer.headers["location"] == "/inbox"
    assert [one[1:3] for one in signed_in.services.sent] == [
        (f"/questions/{ID}/draft", {"article_id": "how-long"}),
        (f"/questions/{ID}/close", {"reason": "Redan besvarad"}),
    ]


@pytest.mark.parametrize("what", ["draft", "close"])
async def test_a_refusal_is_shown_with_the_inbox(signed_in: Browser, what: str) -> None:
    refusal = ServiceRefused(409, "question-handled", "x")
    signed_in.services.refusals[("content", f"/questions/{ID}/{what}")] = refusal
    answer = await signed_in.post(f"/inbox/{ID}/{what}", article_id="x", reason="x", sent=ID)
    assert answer.status_code == 409
    assert "Frågan är redan besvarad eller stängd" in answer.text


async def test_an_address_that_is_none_leads_nowhere_else(signed_in: Browser) -> None:
    refusal = ServiceRefused(422, "invalid-request", "x")
    signed_in.services.refusals[("content", f"/questions/{ID}/draft")] = refusal
    answer = await signed_in.post(f"/inbox/{ID}/draft", article_id="//evil.example", sent=ID)
    assert answer.status_code == 422
