"""A portal with fakes, and somebody signed in."""

from collections.abc import AsyncIterator

import pytest

from unit.portal.portal import Browser, browsing


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Nobody is signed in."""
    async with browsing() as browser:
        yield browser


@pytest.fixture
async def signed_in(browser: Browser) -> Browser:
    """Their units' names, which every page's header has, are known already."""
    await browser.sign_in()
    await browser.get("/about/cookies")
    browser.services.asked.clear()
    return browser
