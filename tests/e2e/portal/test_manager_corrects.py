"""A manager corrects what was recorded wrongly, and lets somebody stand in for a time: with and
without JavaScript."""

from datetime import date, timedelta

import pytest
from playwright.async_api import Page, expect

from e2e.portal.organisation import EMPLOYEES, MANAGER, Organisation, name_of
from e2e.portal.visitor import Visitors

DEPUTY = EMPLOYEES[5]
LAST_DAY = str(date.today() + timedelta(days=7))  # noqa: DTZ011 - in whatever zone


async def opened(page: Page, summary: str) -> None:
    await expect(page.get_by_text(summary, exact=True).first).to_be_visible()
    closed = page.locator("details:not([open])").filter(has=page.get_by_text(summary, exact=True))
    for one in await closed.all():
        await one.locator("summary").first.click()


@pytest.mark.parametrize("with_scripts", [True, False])
async def test_a_manager_corrects_a_meeting_and_withdraws_it(
    visitors: Visitors, organisation: Organisation, with_scripts: bool
) -> None:
    address = f"/units/{organisation.practising}?rollout={organisation.rollouts[1]}"
    page = await visitors.signed_in(f"person:{MANAGER}", address, java_script_enabled=with_scripts)
    await opened(page, "Registrera en träff")
    await page.get_by_label("Hur många deltog").fill("4")
    await page.get_by_label("Längd").select_option("10")
    await page.get_by_role("button", name="Registrera träffen").click()
    meetings = page.get_by_role("region", name="Träffar").locator("tbody tr")
    await meetings.filter(has_text="10 minuter").get_by_role("link").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Träffen")
    correcting = page.locator('form[action$="/correct"]')
    await correcting.get_by_label("Hur många deltog").fill("99")
    await correcting.get_by_label("Varför?").fill("En räknades inte")
    await correcting.get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_contain_text("Fler personer än enheten har")
    await expect(correcting.get_by_label("Varför?")).to_have_value("En räknades inte")
    await correcting.get_by_label("Hur många deltog").fill("5")
    await correcting.get_by_role("button").click()

    changes = page.get_by_role("region", name="Vad som har ändrats").locator(".history > li")
    await expect(changes.first).to_contain_text("En träff rättades: En räknades inte")
    await changes.first.locator("summary").click()
    await expect(changes.first.locator("dd").last).to_have_text("4")

    corrected = meetings.filter(has_text="10 minuter")
    await expect(corrected.locator("td").nth(1)).to_have_text("5")
    await corrected.get_by_role("link").click()
    await opened(page, "Återta: så var det inte alls")
    withdrawing = page.locator('form[action$="/withdraw"]')
    await withdrawing.get_by_label("Varför?").fill("Fel enhet")
    await withdrawing.get_by_role("button").click()
    await expect(changes.first).to_contain_text("En träff återtogs: Fel enhet")
    await expect(meetings.filter(has_text="10 minuter")).to_have_count(0)


@pytest.mark.parametrize(
    ("part", "with_scripts"), [("Till dig som är chef", True), ("Frågor", False)]
)
async def test_a_manager_appoints_a_deputy_who_acts_and_ends_it(
    visitors: Visitors, organisation: Organisation, part: str, with_scripts: bool
) -> None:
    page = await visitors.signed_in(f"person:{MANAGER}", java_script_enabled=with_scripts)
    await page.get_by_role("link", name="Ställföreträdare").first.click()
    form = page.get_by_role("region", name="Låt någon företräda dig").locator("form")
    await form.get_by_label("Som").select_option(f"deputy {organisation.practising}")
    await form.get_by_label("Vem").fill("nobody@example.se")
    await form.get_by_label("Sista dagen").fill(LAST_DAY)
    await form.get_by_label("Skäl").fill("Ledighet")
    await form.get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_contain_text("Ingen är registrerad med detta id")
    await expect(form.get_by_label("Sista dagen")).to_have_value(LAST_DAY)
    await form.get_by_label("Vem").fill(f"{DEPUTY}@example.se")
    await form.get_by_role("button").click()
    current = page.get_by_role("region", name="Nu och framöver").locator(".entry")
    await expect(current).to_contain_text(f"{name_of(DEPUTY)} för {name_of(MANAGER)}")

    address = f"/units/{organisation.practising}?rollout={organisation.rollouts[1]}"
    deputy = await visitors.signed_in(f"person:{DEPUTY}", address, java_script_enabled=with_scripts)
    await expect(deputy.get_by_role("banner")).to_contain_text("även i någon annans ställe")
    await expect(deputy.get_by_text("Registrera en träff", exact=True)).to_be_visible()
    modules = deputy.get_by_role("region", name="Moduler")
    await modules.get_by_role("button", name=part).click()
    await expect(modules.get_by_role("listitem").filter(has_text=part)).to_contain_text(": Klar")

    await opened(page, "Avsluta nu")
    await current.get_by_label("Skäl").fill("Tillbaka")
    await current.get_by_role("button", name="Avsluta nu").click()
    await expect(current).to_have_count(0)
    ended = page.get_by_role("region", name="Avslutade").get_by_role("listitem")
    await expect(ended.first).to_contain_text(name_of(DEPUTY))
    await deputy.goto("/deputies")
    await expect(deputy.get_by_role("region", name="Avslutade")).to_be_visible()
