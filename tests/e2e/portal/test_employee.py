"""An employee answers the self-assessment, with and without JavaScript."""

import pytest
from playwright.async_api import Page, expect

from e2e.portal.organisation import EMPLOYEES, Organisation
from e2e.portal.visitor import Visitors
from support.browser import PHONE

ANSWER, NOT_APPLICABLE = "4", "n"
both = pytest.mark.parametrize("with_scripts", [True, False])


async def top(page: Page, selector: str) -> float:
    box = await page.locator(selector).first.bounding_box()
    assert box is not None, f"{selector} is not shown"
    return box["y"]


async def answer_all(page: Page) -> None:
    """Every question of the page."""
    for choice in await page.locator(f'fieldset input[value="{ANSWER}"]').all():
        await choice.check()


async def send(page: Page) -> None:
    """From the answers that are shown once more to the profile."""
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kontrollera dina svar")
    await page.get_by_role("button", name="Skicka").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tack. Det här är din profil")
    await expect(page.locator("tbody tr")).to_have_count(7)


@both
async def test_an_employee_answers_on_a_phone(
    visitors: Visitors, organisation: Organisation, with_scripts: bool
) -> None:
    page = await visitors.signed_in(
        f"person:{EMPLOYEES[0]}", viewport=PHONE, java_script_enabled=with_scripts
    )
    await page.get_by_role("link", name="Svara på självskattningen").click()

    await expect(page.get_by_role("heading", name="Vem ser vad")).to_be_visible()
    assert await top(page, "#who-sees") < await top(page, "fieldset")

    questions = page.locator("fieldset")
    count = await questions.count()
    for place in range(2, count):
        await questions.nth(place).locator(f'input[value="{ANSWER}"]').check()
    await questions.nth(1).locator(f'input[value="{NOT_APPLICABLE}"]').check()
    await page.get_by_role("button", name="Se över mina svar").click()

    first = await questions.nth(0).locator("legend").inner_text()
    missing = page.get_by_role("alert").get_by_role("link")
    await expect(missing).to_have_text([first])
    assert await page.locator(f'input[value="{ANSWER}"]:checked').count() == count - 2
    assert await page.locator(f'input[value="{NOT_APPLICABLE}"]:checked').count() == 1
    await questions.nth(0).locator(f'input[value="{ANSWER}"]').check()
    await page.get_by_role("button", name="Se över mina svar").click()

    await expect(page.locator("dd")).to_have_text(
        ["Ofta", "Gäller inte mig", *["Ofta"] * (count - 2)]
    )
    await send(page)


@both
async def test_an_employee_answers_one_behaviour_at_a_time(
    visitors: Visitors, organisation: Organisation, with_scripts: bool
) -> None:
    page = await visitors.signed_in(
        f"person:{EMPLOYEES[0]}",
        f"/rounds/{organisation.round_id}",
        viewport=PHONE,
        java_script_enabled=with_scripts,
    )
    count = await page.locator("fieldset").count()
    await page.get_by_role("link", name="Visa ett beteende i taget").click()
    next_ = page.get_by_role("button", name="Nästa")
    await next_.click()
    await expect(page.get_by_role("alert").get_by_role("link")).not_to_have_count(0)
    place = page.get_by_role("heading", level=2).filter(has_text="av 7")
    for step in range(1, 7):
        await expect(place).to_contain_text(f"{step} av 7")
        await answer_all(page)
        await next_.click()

    await page.get_by_role("button", name="Föregående").click()
    await expect(place).to_contain_text("6 av 7")
    await expect(page.locator("fieldset:not(:has(input:checked))")).to_have_count(0)
    await next_.click()
    await expect(place).to_contain_text("7 av 7")
    await answer_all(page)
    await page.get_by_role("button", name="Se över mina svar").click()
    await expect(page.locator("dd")).to_have_text(["Ofta"] * count)
    await send(page)
