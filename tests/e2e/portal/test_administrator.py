"""Two administrators start a pilot."""

from datetime import date, timedelta

from playwright.async_api import Page, expect

from e2e.portal.organisation import Organisation
from e2e.portal.visitor import Visitors
from support.eventually import eventually

TOMORROW = str(date.today() + timedelta(days=2))  # noqa: DTZ011 - in whatever zone
RECORDED, KEPT = "2026-01-02", "RV 2026-17"


async def record(page: Page, kind: str, day: str, wave: int = 0) -> None:
    await page.get_by_label("Våg").fill(str(wave))
    await page.get_by_label("Slag").select_option(label=kind)
    await page.get_by_label("Hänvisning").fill(KEPT)
    await page.get_by_label("Daterad").fill(day)
    await page.get_by_role("button", name="Registrera en förutsättning").click()


async def test_administrators_start_a_pilot_and_pause_a_unit(
    visitors: Visitors, organisation: Organisation
) -> None:
    address = f"/rollouts/{organisation.rollouts[2]}"
    form = f"{address}/actions/record_prerequisite"
    page = await visitors.signed_in("administrator")
    waiting = page.get_by_role("region", name="Väntar på dig").get_by_role("listitem")
    await (
        waiting.filter(has_text="Väntar portal-")
        .filter(has=page.locator(f'a[href="{form}"]'))
        .get_by_role("link")
        .click()
    )
    other = await visitors.signed_in("second-administrator", form)

    await record(page, "Riskbedömning", TOMORROW)
    await expect(page.get_by_role("alert")).to_contain_text("Dagen ligger i framtiden")
    await expect(page.get_by_label("Hänvisning")).to_have_value(KEPT)
    await record(page, "Riskbedömning", RECORDED)
    await expect(page).to_have_url(visitors.portal + address)

    await record(other, "Samverkan", RECORDED)
    await expect(other.get_by_role("alert")).to_contain_text("Någon har ändrat införandet")
    await expect(other.get_by_label("Hänvisning")).to_have_value(KEPT)
    await other.get_by_role("button", name="Registrera en förutsättning").click()
    await expect(other).to_have_url(visitors.portal + address)

    await page.reload()
    await page.get_by_role("link", name="Starta piloten").click()
    await page.get_by_role("button", name="Starta piloten").click()
    await expect(page).to_have_url(visitors.portal + address)

    async def begun() -> bool:
        await page.reload()
        return await page.get_by_role("link", name="Pausa en enhet").count() == 1

    await eventually(begun, within=60, pause=0.3)
    await page.get_by_role("link", name="Pausa en enhet").click()
    await page.get_by_label("Enhet").fill(organisation.waiting)
    await page.get_by_role("button", name="Pausa en enhet").click()
    await expect(page.get_by_role("alert").get_by_role("link")).to_have_text(["Skäl"])
    await expect(page.get_by_label("Enhet")).to_have_value(organisation.waiting)
    await page.get_by_label("Skäl", exact=True).fill("Flyttar lokal")
    await page.get_by_role("button", name="Pausa en enhet").click()
    await page.get_by_role("link", name="Visa alla enheter").click()
    unit = page.get_by_role("row").filter(has_text="Väntande")
    await expect(unit).to_contain_text("Pausad")
