"""An employee without a mail address answers by the code of a letter, on a phone that others use
too: with and without JavaScript."""

import re
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Page, expect

from devstack import Stack
from e2e.portal.organisation import ON_PAPER, Organisation, name_of
from e2e.portal.test_employee import answer_all, send
from e2e.portal.visitor import Visitors
from support.browser import PHONE
from support.eventually import eventually
from support.stack import signed_in

OTHER_CODE = "7K3M-Q9TX-2VBN-C4HD-0P6R-W8ZE"


@pytest.fixture(scope="session")
async def letters(stack: Stack, organisation: Organisation) -> list[str]:
    """What an administrator prints, once: a letter for each of them."""
    path = f"/v1/rounds/{organisation.round_id}/sign-in-codes"
    headers = signed_in(stack, "administrator") | {"accept": "text/html"}
    people = stack.env["PEOPLE_URL"]
    async with httpx.AsyncClient(base_url=people, headers=headers, timeout=30) as http:

        async def printed() -> str:
            answer = await http.post(path, json={"form": "letters"})
            assert answer.is_success, answer.text
            return answer.text

        return (await eventually(printed, within=60)).split("<section")[1:]


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
