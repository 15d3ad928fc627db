"""An open page shows what happens elsewhere, and does not hold up the portal's stop."""

import asyncio
from functools import partial
from signal import SIGTERM

import psutil
import pytest
from playwright.async_api import Locator, Page, expect

from devstack import Stack
from e2e.portal.organisation import MANAGER, Organisation, Services
from e2e.portal.visitor import Visitors
from support.eventually import eventually

RECORDED = {"wave": 0, "kind": "risk_assessment", "reference": "RV 9", "recorded_on": "2026-01-02"}


def follows(page: Page) -> Locator:
    return page.locator("#as-of").get_by_text("Sidan uppdateras när något ändras")


@pytest.fixture
async def page(visitors: Visitors, stack: Stack, organisation: Organisation) -> Page:
    """A rollout of its own, which an administrator looks at."""
    key = organisation.answering.rpartition("-")[0]
    units = organisation.waiting, f"{key}-later"
    rollout_id = await asyncio.to_thread(Services(stack).new_rollout, "Följs", key, *units)
    page = await visitors.signed_in("administrator", f"/rollouts/{rollout_id}")
    await expect(follows(page)).to_be_visible()
    return page


async def record(page: Page, stack: Stack) -> None:
    rollout_id = page.url.rpartition("/")[2].partition("?")[0]
    act = partial(Services(stack).act, rollout_id, "record-prerequisite", **RECORDED)
    await asyncio.to_thread(act)


async def test_what_happens_elsewhere_appears_by_itself(page: Page, stack: Stack) -> None:
    history = page.get_by_role("region", name="Vad som har hänt").get_by_role("listitem")
    before = await history.count()
    heading = await page.get_by_role("heading", name="Vad som har hänt").element_handle()
    await record(page, stack)
    await expect(history).to_have_count(before + 1, timeout=20_000)
    assert await heading.evaluate("node => node.isConnected"), "what is the same is not replaced"
    await expect(follows(page)).to_be_visible()


async def test_what_somebody_types_stays_while_the_page_changes(
    visitors: Visitors, organisation: Organisation, stack: Stack
) -> None:
    unit, rollout_id = organisation.answering, organisation.rollouts[0]
    page = await visitors.signed_in(f"person:{MANAGER}", f"/units/{unit}")
    await expect(follows(page)).to_be_visible()
    await page.get_by_text("Registrera en träff").click()
    await page.get_by_label("Hur många deltog").fill("7")
    journey = page.get_by_role("region", name="Resan")
    for action, said in (("pause-unit", "Pausad"), ("resume-unit", "Pågår")):
        body = {"unit_id": unit, "reason": "Sommar"}
        await asyncio.to_thread(partial(Services(stack).act, rollout_id, action, **body))
        await expect(journey.get_by_role("heading", level=2)).to_contain_text(said, timeout=20_000)
    await expect(page.get_by_label("Hur många deltog")).to_have_value("7")


async def test_open_pages_do_not_hold_up_the_stop(page: Page, stack: Stack) -> None:
    pid = stack.kill("portal-web", SIGTERM)

    async def gone() -> bool:
        assert not psutil.pid_exists(pid)
        return True

    await eventually(gone, within=5)
    await stack.wait_ready("portal-web")
    await expect(follows(page)).to_be_visible(timeout=30_000)
