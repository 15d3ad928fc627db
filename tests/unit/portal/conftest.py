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
    await browser.sign_in()
    return browser
