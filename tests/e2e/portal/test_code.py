"""An administrator prints letters; an employee without a mail address answers by the code of one,
on a phone that others use too: with and without JavaScript."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from devstack import Stack
from e2e.portal.organisation import ON_PAPER, Organisation, name_of
from e2e.portal.test_employee import answer_all, send
from e2e.portal.visitor import Visitors
from support.browser import PHONE
from support.eventually import eventually

OTHER_CODE = "7K3M-Q9TX-2VBN-C4HD-0P6R-W8ZE"


@pytest.fixture(scope="session")
async def letters(browser: Browser, stack: Stack, organisation: Organisation) -> list[str]:
    """What an administrator prints, once: a letter for each of them."""
    async with Visitors(browser, stack.env["PORTAL_URL"]) as visitors:
        page = await visitors.signed_in("administrator", "/codes")
        path = f"/rounds/{organisation.round_id}/codes"
        await expect(page.locator(f'a[href="{path}"]')).to_have_count(1)
        await page.goto(path)
        await expect(page.get_by_role("main")).to_contain_text("Koderna visas en enda gång")
        await page.get_by_label("Ett brev till varje medarbetare").check()

        async def made() -> bool:  # Once the people service has heard of the round.
            async with page.expect_response(lambda one: one.request.method == "POST") as answered:
                await page.get_by_role("button", name="Skapa koderna").click()
            return (await answered.value).ok

        await eventually(made, within=60)
        await expect(page).to_have_title("Engångskoder")
        html = await page.content()
        paper = await page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type /Page\b", paper)) == len(ON_PAPER), "a sheet for each letter"
        await page.emulate_media(media="print")
        await expect(page.get_by_text("koderna visas bara den här gången")).to_be_hidden()
        assert visitors.complaints == []
    return html.split("<section")[1:]


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
    printed = re.search(r'class="code">(.+?)<', letter, re.DOTALL)
    assert printed
    page = await visitors.somebody(viewport=PHONE, java_script_enabled=with_scripts)
    await (scan if with_scripts else copy)(page, "".join(printed[1].split()))
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
