"""A manager leads a unit through a meeting and an action, with and without JavaScript."""

import pytest
from playwright.async_api import expect

from e2e.portal.organisation import MANAGER, Organisation
from e2e.portal.visitor import Visitors

PRACTISED = "Vi börjar varje möte med en runda."


@pytest.mark.parametrize(("unit", "with_scripts"), [("Övande", True), ("Repeterande", False)])
async def test_a_manager_records_a_meeting_and_an_action_and_checks_it_back(
    visitors: Visitors, organisation: Organisation, unit: str, with_scripts: bool
) -> None:
    page = await visitors.signed_in(f"person:{MANAGER}", java_script_enabled=with_scripts)
    waiting = page.get_by_role("region", name="Väntar på dig").get_by_role("listitem")
    ours = waiting.filter(has_text=unit)
    await ours.get_by_role("link", name="Håll en arbetsplatsträff").click()

    modules = page.get_by_role("region", name="Moduler")
    await expect(modules).to_contain_text("0 av 5 delar är klara")
    await modules.get_by_role("button", name="Syfte och mål").click()
    await expect(modules).to_contain_text("1 av 5 delar är klara")
    await expect(modules.get_by_role("button", name="Syfte och mål")).to_have_count(0)
    await modules.get_by_role("link", name="Börja tillsammans", exact=True).click()
    await expect(page.get_by_role("heading", name="Syfte och mål")).to_be_visible()
    await page.go_back()

    await page.get_by_label("Hur många deltog").fill("5")
    await page.get_by_role("button", name="Registrera träffen").click()
    held = page.get_by_role("region", name="Träffar").locator("tbody tr")
    await expect(held).to_have_count(1)
    await expect(held.locator("td")).to_have_text(["30 minuter", "5", "Rätta eller återta"])

    form = page.locator("form").filter(has=page.get_by_label("Följ upp den"))
    if not await form.is_visible():  # closed again, once the action is no longer waited for
        await page.get_by_text("Välj en handling").click()
    await form.get_by_label("Beteende").select_option("creativity")
    await form.get_by_label("Vad enheten ska öva på").fill(PRACTISED)
    today = await page.get_by_label("Hölls den").get_attribute("max")
    assert today is not None
    await form.get_by_label("Följ upp den").fill(today)
    await form.get_by_role("button", name="Välj handlingen").click()
    chosen = page.get_by_role("region", name="Handlingar").locator(".entry")
    await expect(chosen).to_contain_text(PRACTISED)
    await chosen.get_by_role("button", name="Behållen").click()
    await expect(chosen).to_contain_text("Behållen")
    await expect(chosen.get_by_role("button")).to_have_count(0)

    results = page.get_by_role("region", name="Resultat")
    await expect(results).to_contain_text("Dolt: för få har svarat")
    await expect(results.locator("svg")).to_have_count(0)
    await expect(results).not_to_contain_text("Andra självskattningen")
