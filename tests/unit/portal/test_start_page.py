"""What waits for those who write for everybody, and for operators."""

from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.operation_answers import operation
from unit.portal.portal import Browser

SERVICES = ("assessment", "content", "notification", "people", "workflow")
NOTHING = "Inget väntar på dig"


async def start(browser: Browser, role: str) -> str:
    """The start page of somebody with this role, when there is no rollout."""
    browser.authenticator.assignments = frozenset({Assignment(role, EVERY_UNIT)})
    browser.services.answers["workflow", "/rollouts"] = answers.page()
    return (await browser.get("/start")).text


async def test_questions_and_articles_wait_for_whoever_publishes(signed_in: Browser) -> None:
    asked = answers.page(answers.question(), total=3)
    signed_in.services.answers["content", "/questions"] = asked
    answer = answers.article("Sample answer", "question", "in_review")
    answer["draft"]["review_by"] = "2026-01-01"
    articles = answers.page(answer)
    signed_in.services.answers["content", "/articles"] = articles
    text = await start(signed_in, "administrator")
    assert 'href="/inbox">Svara på frågor i inkorgen</a></h3>\n<p>3' in text
    assert "De som frågade väntar på svar" in text
    assert text.count('href="/articles/news"') == 2, "to review, and to look at again"
    assert "senast 1 januari 2026<" in text
    assert (
        "content",
        "/questions",
        {"status": "waiting", "limit": "1"},
    ) in signed_in.services.asked
    in_review = {"status": "in_review", "limit": "200"}
    assert ("content", "/articles", in_review) in signed_in.services.asked


async def test_nothing_waits_for_whoever_publishes(signed_in: Browser) -> None:
    for path in ("/questions", "/articles"):
        signed_in.services.answers["content", path] = answers.page()
    signed_in.services.answers["assessment", "/custody"] = answers.page()
    assert NOTHING in await start(signed_in, "administrator")


async def test_dead_letters_and_findings_wait_for_operators(signed_in: Browser) -> None:
    text = await start(signed_in, "operator")
    assert "Hantera undanlagda händelser" in text
    assert 'href="/operation">Se över plattformen' in text
    assert "Det som händelserna säger" in text


async def test_nothing_waits_for_operators(signed_in: Browser) -> None:
    for service in SERVICES:
        signed_in.services.answers[service, "/operation"] = operation()
    assert NOTHING in await start(signed_in, "operator")


async def test_neither_waits_for_anybody_else(signed_in: Browser) -> None:
    for role in ("auditor", "approver"):
        assert NOTHING in await start(signed_in, role)
