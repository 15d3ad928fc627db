"""A session is one browser's, until it ends."""

from urllib.parse import urlsplit

from playwright.async_api import expect

from devstack import Stack
from e2e.portal.organisation import EMPLOYEES, MANAGER, Organisation, name_of
from e2e.portal.visitor import Visitors

COOKIE = "__Host-portal"


async def test_signing_out_ends_the_session(
    visitors: Visitors, stack: Stack, organisation: Organisation
) -> None:
    page = await visitors.signed_in(f"person:{EMPLOYEES[1]}")
    kept = await page.context.cookies()
    assert [one["name"] for one in kept] == [COOKIE]
    copy = await visitors.somebody()
    await copy.context.add_cookies(kept)  # type: ignore[arg-type]
    await copy.goto("/start")
    await expect(copy.get_by_text(name_of(EMPLOYEES[1])).first).to_be_visible()

    await page.get_by_role("button", name="Logga ut").click()
    await expect(page.get_by_role("link", name="Logga in").first).to_be_visible()

    await copy.goto("/start")
    assert urlsplit(copy.url).netloc == urlsplit(stack.env["ISSUER_URL"]).netloc


async def test_a_link_leads_to_its_page_after_signing_in(
    visitors: Visitors, organisation: Organisation
) -> None:
    unit = f"/units/{organisation.practising}?rollout={organisation.rollouts[1]}"
    page = await visitors.signed_in(f"person:{MANAGER}", unit)
    assert page.url == visitors.portal + unit
