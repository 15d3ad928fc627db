"""What the portal's journeys share: a browser, people and units of their own."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from devstack import Stack
from e2e.portal.letters import printed
from e2e.portal.organisation import Organisation, Services, founded
from e2e.portal.visitor import Visitors


@pytest.fixture(scope="session")
async def organisation(stack: Stack) -> Organisation:
    return await founded(stack)


@pytest.fixture(scope="session")
def services(stack: Stack) -> Services:
    return Services(stack)


@pytest.fixture(scope="session")
async def letters(browser: Browser, stack: Stack, organisation: Organisation) -> list[str]:
    return await printed(browser, stack, organisation)


@pytest.fixture
async def visitors(browser: Browser, stack: Stack) -> AsyncIterator[Visitors]:
    """People in front of browsers of their own; ends when no page had an error to complain of."""
    async with Visitors(browser, stack.env["PORTAL_URL"]) as found:
        yield found
    assert found.complaints == []
