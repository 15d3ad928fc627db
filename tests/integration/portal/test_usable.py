"""Every page of the portal, with sample answers, can be used by everybody: in both languages, light
and dark, wide and in 320 px."""

from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Route, expect

from support.browser import context
from support.usable import faults_of, invalid, package
from unit.portal.portal import URL, Browser, browsing
from unit.portal.test_pages import PAGES, shown

LOOKS = (("light", 1280), ("dark", 320))


class Sent:
    """Gives a real browser what the portal sent: a page, and its files."""

    def __init__(self, portal: Browser) -> None:
        self._portal = portal
        self.html = ""

    async def __call__(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/page":
            await route.fulfill(body=self.html, content_type="text/html; charset=utf-8")
        elif path.startswith("/static/"):
            file = await self._portal.get(path)
            await route.fulfill(body=file.content, content_type=file.headers["content-type"])
        else:
            await route.abort()


@pytest.mark.timeout(480, func_only=True)
@pytest.mark.parametrize("language", ["sv", "en"])
async def test_each_page_can_be_used_by_everybody(
    browser: Chromium, tmp_path: Path, language: str
) -> None:
    axe = (package("axe") / "axe.min.js").read_text(encoding="utf-8")
    looks, faults = cycle(LOOKS[:: 1 if language == "sv" else -1]), {}
    async with browsing() as portal, context(browser) as opened:
        await portal.sign_in()
        sent, page = Sent(portal), await opened.new_page()
        await page.route("**/*", sent)
        for name, kind in PAGES.items():
            sent.html = await shown(portal, kind, language)
            (tmp_path / f"{name}.html").write_text(sent.html, encoding="utf-8")
            await page.goto(f"{URL}/page")
            if found := await faults_of(page, axe, *next(looks)):
                faults[name] = found
    assert faults == {}
    assert invalid(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "printed"),
    [("profile", (".change", ".rows")), ("brief", (".timeline", "#actions")), ("unit", (".rows",))],
)
async def test_what_somebody_keeps_is_printed_without_what_only_works_on_screen(
    browser: Chromium, name: str, printed: tuple[str, ...]
) -> None:
    async with browsing() as portal, context(browser) as opened:
        await portal.sign_in()
        sent, page = Sent(portal), await opened.new_page()
        await page.route("**/*", sent)
        sent.html = await shown(portal, PAGES[name])
        await page.goto(f"{URL}/page")
        await page.emulate_media(media="print")
        for one in ("h1", *printed):
            await expect(page.locator(one).first).to_be_visible()
        for left_out in ("header.top", "footer.foot", "form.form", "p.buttons"):
            for hidden in await page.locator(left_out).all():
                await expect(hidden).to_be_hidden()
        await expect(page.locator("header.top")).to_have_count(1)
