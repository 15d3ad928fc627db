"""An administrator prints letters; an employee without a mail address answers by the code of one,
on a phone that others use too: with and without JavaScript."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from devstack import Stack
from e2e.portal.letters import code_of
from e2e.portal.organisation import ON_PAPER, Organisation, name_of
from e2e.portal.test_employee import answer_all, send
from e2e.portal.visitor import Visitors
from support.browser import PHONE

OTHER_CODE = "7K3M-Q9TX-2VBN-C4HD-0P6R-W8ZE"


async def scan(page: Page, code: str) -> None:
    """The letter's square has the code in the address."""
    await page.goto(f"/svara#{code}")
    await expect(page.get_by_label("Kod")).to_have_value(code)
    assert "#" not in page.url


async def copy(page: Page, code: str) -> None:
    """By hand, and once wrongly."""
    await page.goto("/svara")
    await page.get_by_label("Kod").fill(OTHER_CODE)
    await page.get_by_role("button", name="Gå vidare").click()
    await expect(page.get_by_role("alert")).to_contain_text("Koden gäller inte")
    await page.get_by_label("Kod").fill(code.lower())


@pytest.mark.parametrize(("place", "with_scripts"), [(0, True), (1, False)])
async def test_an_employee_answers_by_a_letters_code(
    visitors: Visitors,
    organisation: Organisation,
    stack: Stack,
    letters: list[str],
    place: int,
    with_scripts: bool,
) -> None:
    letter = letters[place]
    assert f"Till {name_of(ON_PAPER[place])}" in letter
    page = await visitors.somebody(viewport=PHONE, java_script_enabled=with_scripts)
    await (scan if with_scripts else copy)(page, code_of(letter))
    await page.get_by_role("button", name="Gå vidare").click()

    questions = f"{visitors.portal}/rounds/{organisation.round_id}"
    await expect(page).to_have_url(questions)
    for path in ("/start", questions):
        await page.goto(path)
        text = await page.locator("body").inner_text()
        assert [name for name in organisation.names.values() if name in text] == []
    await answer_all(page)
    await page.get_by_role("button", name="Se över mina svar").click()
    await send(page)

    await expect(page.get_by_role("main")).to_contain_text("Den här enheten har glömt din kod")
    assert await page.context.cookies() == []
    if with_scripts:
        assert await page.evaluate("sessionStorage.length") == 0
    await page.goto(questions)
    assert urlsplit(page.url).netloc == urlsplit(stack.env["ISSUER_URL"]).netloc
