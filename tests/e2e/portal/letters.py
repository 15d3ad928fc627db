"""Letters with one-time codes, as an administrator prints them."""

import re

from playwright.async_api import Browser, expect

from devstack import Stack
from e2e.portal.organisation import ON_PAPER, Organisation
from e2e.portal.visitor import Visitors
from support.eventually import eventually


async def printed(browser: Browser, stack: Stack, organisation: Organisation) -> list[str]:
    """The HTML of a letter for each of those on paper: there are no more codes for the unit."""
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


def code_of(letter: str) -> str:
    """The code that stands in it."""
    found = re.search(r'class="code">(.+?)<', letter, re.DOTALL)
    assert found
    return "".join(found[1].split())
