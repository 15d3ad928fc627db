"""Somebody in front of a browser."""

from contextlib import AsyncExitStack
from typing import Any

from playwright.async_api import Browser, Page, Response

from support.browser import context

ALREADY_TOLD = "Failed to load resource"  # of an answer that is refused on purpose


class Visitors:
    """Opens pages for people, each with cookies of their own; notes what browsers complain of."""

    def __init__(self, browser: Browser, portal: str, **options: Any) -> None:
        """`options` are those of each browser context."""
        self._browser, self.portal, self._options = browser, portal, options
        self._open = AsyncExitStack()
        self.complaints: list[str] = []

    async def __aenter__(self) -> "Visitors":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def somebody(self, **options: Any) -> Page:
        """A page of somebody who is not signed in; `options` are the browser context's too."""
        chosen = {"base_url": self.portal, **self._options, **options}
        opened = await self._open.enter_async_context(context(self._browser, **chosen))
        page = await opened.new_page()
        page.on("console", lambda message: self._note(page, message.type, message.text))
        page.on("pageerror", lambda error: self._note(page, "error", str(error)))
        page.on("response", self._watch)
        return page

    async def signed_in(self, persona: str, path: str = "/start", **options: Any) -> Page:
        """A page of a persona of the issuer, or of `person:<id>`, who came by a link to `path`."""
        page = await self.somebody(**options)
        await page.goto(path)
        await sign_in(page, persona)
        await page.wait_for_url(f"{self.portal}/**")
        return page

    def _note(self, page: Page, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith(ALREADY_TOLD):
            self.complaints.append(f"{page.url}: {text}")

    def _watch(self, answer: Response) -> None:
        if answer.status >= 500 or (answer.status >= 400 and "/static/" in answer.url):
            self.complaints.append(f"{answer.url}: {answer.status}")


async def sign_in(page: Page, persona: str) -> None:
    """At the issuer's page."""
    button = page.locator(f'button[name="persona"][value="{persona}"]')
    if not await button.count():
        await page.locator('input[name="persona"]').fill(persona)
        button = page.locator("form#anybody button")
    await button.click()
