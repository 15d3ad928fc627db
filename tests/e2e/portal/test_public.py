"""Somebody who is not signed in searches and reads; a question from the inbox becomes an answer."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import expect

from e2e.portal.organisation import EMPLOYEES, Organisation, Services
from e2e.portal.visitor import Visitors

NEXT_YEAR = str(date.today() + timedelta(days=365))  # noqa: DTZ011 - in whatever zone


@pytest.fixture
def word() -> str:
    """In no other text."""
    return f"prov{uuid4().hex[:8]}"


async def test_somebody_searches_and_reads_without_signing_in_and_without_scripts(
    visitors: Visitors, services: Services, word: str
) -> None:
    article = {
        "article_id": word,
        "kind": "news",
        "title": {"sv": f"Sample {word}: vågorna börjar", "en": f"Sample {word}: waves begin"},
        "text": {"sv": "Sample: första.\n\nSample: andra.", "en": "Sample: one."},
    }
    services.post("content", "/articles", article)
    for version, step in enumerate(("submit", "publish"), start=1):
        services.post("content", f"/articles/{word}/{step}", {"expected_version": version})

    page = await visitors.somebody(locale="sv-SE", java_script_enabled=False)
    await page.goto("/")
    await page.get_by_label("Sök efter").fill(f"{word} våg")
    await page.get_by_role("button", name="Sök").click()
    await expect(page.locator("mark")).to_have_text([word, "vågorna"])
    await page.get_by_role("link", name=word).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(word)
    await expect(page.locator("article p.lines")).to_have_text(
        ["Sample: första.", "Sample: andra."]
    )
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("waves begin")
    await page.get_by_role("link", name="News").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("News")
    await expect(page.get_by_role("link", name=word)).to_be_visible()


async def test_a_question_is_asked_answered_and_published(
    visitors: Visitors, organisation: Organisation, word: str
) -> None:
    question = f"Sample {word}: får vi dela upp träffen?"
    employee = await visitors.signed_in(f"person:{EMPLOYEES[4]}", "/ask")
    await employee.get_by_label("Din fråga").fill(question)
    await employee.get_by_role("button", name="Fråga").click()
    own = employee.locator(".entry").filter(has_text=word)
    await expect(own).to_contain_text("Väntar på svar")

    page = await visitors.signed_in("administrator", "/inbox")
    waiting = page.get_by_role("region", name=question)
    await waiting.get_by_label("Adress").fill(word)
    await waiting.get_by_role("button", name="Skriv ett svar").click()
    await expect(page.get_by_label("Titel på svenska")).to_have_value(question)
    await page.get_by_role("button", name="Lämna till granskning").click()
    await expect(page.get_by_role("alert").get_by_role("link")).to_have_text(
        ["Titel på engelska", "Text på svenska", "Text på engelska", "Se över svaret senast"]
    )
    await page.get_by_label("Titel på engelska").fill(f"Sample {word}: two sessions?")
    await page.get_by_label("Text på svenska").fill("Sample: ja.")
    await page.get_by_label("Text på engelska").fill("Sample: yes.")
    await page.get_by_label("Se över svaret senast").fill(NEXT_YEAR)
    await page.get_by_role("button", name="Spara utkastet").click()
    await page.get_by_role("link", name="Förhandsvisning").click()
    await expect(page.get_by_role("status")).to_contain_text("Det här är en förhandsvisning")
    await page.get_by_role("link", name="Tillbaka till utkastet").click()

    anybody = await visitors.somebody(locale="sv-SE")
    unseen = await anybody.goto(f"/answers/{word}")
    assert unseen
    assert unseen.status == 404
    await page.get_by_role("button", name="Lämna till granskning").click()
    await page.get_by_role("button", name="Publicera").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Publicerad")
    await anybody.goto(f"/answers/{word}")
    await expect(anybody.get_by_role("article")).to_contain_text("Sample: ja.")
    await employee.reload()
    await own.get_by_role("link", name="Läs svaret").click()
    await expect(employee.get_by_role("article")).to_contain_text("Sample: ja.")
