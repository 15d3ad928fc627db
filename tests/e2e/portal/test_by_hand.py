"""An administrator does by hand what no file brings, without JavaScript: persons, units, rounds."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from e2e.portal.organisation import Organisation, Services
from e2e.portal.visitor import Visitors
from portal_service.entrypoints.http.units import today
from support.eventually import eventually


@pytest.fixture
def key() -> str:
    return f"portal-hand-{uuid4().hex[:6]}"


async def send(page: Page, **typed: str) -> None:
    """Fill in the page's form and press its first button."""
    for name, value in typed.items():
        field = page.locator(f"#{name}")
        if await field.evaluate("one => one.tagName") == "SELECT":
            await field.select_option(value)
        else:
            await field.fill(value)
    await page.get_by_role("main").locator("form button").first.click()


async def visit(visitors: Visitors, address: str, persona: str = "administrator") -> Page:
    return await visitors.signed_in(persona, address, java_script_enabled=False)


async def test_a_person_comes_gets_a_role_loses_it_and_is_erased(
    visitors: Visitors, services: Services, organisation: Organisation, key: str
) -> None:
    # Only a known person erases: the persona's subject is the id of a person of this file.
    known = f"second-administrator,Exempelperson 0002,,sv,facilitator,{organisation.waiting}"
    columns = "person_id,name,email,language,role,unit_id"
    services.post("people", "/persons/import", f"{columns}\n{known}")
    page = await visit(visitors, "/start", "second-administrator")
    await page.get_by_role("link", name="Personer", exact=True).click()
    await page.get_by_role("link", name="Lägg in en person för hand").click()
    facts = {"person_id": key, "name": f"Exempelperson {key}", "reason": "RV 7"}
    await send(page, **facts, email="no address")
    await expect(page.get_by_role("alert").last).to_contain_text("Det är ingen e-postadress")
    await send(page, email=f"{key}@example.se")
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Exempelperson {key}")

    await page.get_by_role("link", name="Ge en roll för hand").click()
    await send(page, role="manager", unit_id=organisation.waiting, reason="RV 8")
    row = page.get_by_role("row").filter(has_text="chef")
    await expect(row).to_contain_text("för hand")
    await row.get_by_role("link", name="Avsluta den").click()
    await send(page, last_day=str(today()), reason="RV 9")
    await expect(page.get_by_role("row").filter(has_text="chef")).to_be_visible()
    [held] = services.get("people", f"/persons/{key}")["assignments"]
    assert held["valid_to"] == str(today())

    await page.get_by_role("link", name="Ändra personens uppgifter").click()
    await send(page, phone="070-174 06 05", reason="RV 10")
    await expect(page.get_by_role("main")).to_contain_text("+46701740605")

    await page.get_by_role("link", name="Radera en person").click()
    await send(page, person_id_again=key, reason="RV 11")
    await expect(page.get_by_role("heading", level=1)).to_have_text("En radering")

    async def complete() -> bool:
        await page.reload()
        text = await page.get_by_role("main").inner_text()
        assert "Alla delar av plattformen har tagit bort" in text
        return True

    await eventually(complete, within=60, pause=0.5)
    await page.goto(f"/persons/{key}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Här finns inget")


async def test_a_unit_is_split_later_and_the_change_taken_back(
    visitors: Visitors, services: Services, key: str
) -> None:
    columns = "unit_id,name,kind,parent_id,headcount"
    services.post("workflow", "/units/import", f"{columns}\n{key},Delas {key},unit,,20")
    page = await visit(visitors, f"/units/{key}")
    await page.get_by_role("link", name="Dela en enhet").click()
    day = str(today() + timedelta(days=9))
    await send(page, new_units=f"{key}-2, Syd, many", effective_on=day, reason="RV 12")
    await expect(page.get_by_role("alert").last).to_contain_text("Ett tal behövs")
    await send(page, new_units=f"{key}-2, Syd, 8")
    await expect(page.get_by_role("main")).to_contain_text(f"{key}-2 (Syd, 8)")
    await page.get_by_role("button", name="Planera ändringen").click()
    card = page.get_by_role("region").filter(has_text=f"{key}-2")
    await card.locator("summary").click()
    await card.get_by_role("button", name="Återkalla ändringen").click()
    again = page.get_by_role("region").filter(has_text=f"{key}-2")
    await expect(again).to_contain_text("Återkallad")
    await expect(again.get_by_role("button")).to_have_count(0)


async def test_a_round_is_extended(
    visitors: Visitors, services: Services, organisation: Organisation
) -> None:
    page = await visit(visitors, f"/rollouts/{organisation.rollouts[0]}")
    await page.get_by_role("link", name="Omgångar").click()
    await page.get_by_role("link", name="Förläng omgången").click()
    await send(page, closes_at="2020-01-02T10:00", reason_without_names="RV 13")
    await expect(page.get_by_role("alert").first).to_contain_text("har redan passerat")
    day = today() + timedelta(days=9)
    await send(page, closes_at=f"{day}T15:00")
    await expect(page.get_by_role("table")).to_contain_text("RV 13")
    kept = services.get("assessment", f"/rounds/{organisation.round_id}")
    assert kept["closes_at"].startswith(str(day))


async def test_a_unit_gets_a_module(
    visitors: Visitors, services: Services, organisation: Organisation
) -> None:
    unit, rollout = organisation.waiting, organisation.rollouts[2]
    page = await visit(visitors, f"/rollouts/{rollout}/modules?unit_id={unit}")
    await page.locator(f'[name="module-{organisation.key}"]').check()
    await page.get_by_role("button", name="Förhandsgranska").click()
    await page.get_by_role("button", name="Ge modulerna").click()
    await expect(page.locator("#modules")).to_be_visible()
    path = f"/units/{unit}/progress?rollout_id={rollout}"
    [given] = services.get("content", path)["assignments"]
    assert given["module_id"] == organisation.key


async def test_the_first_version_of_an_instrument_is_made(visitors: Visitors, key: str) -> None:
    page = await visit(visitors, "/instruments")
    await page.get_by_role("link", name="Skriv ett nytt instrument").click()
    await page.locator('[id="/instrument_id"]').fill(key)
    for field in await page.locator('input[name$="/sv"], input[name$="/en"]').all():
        await field.fill(f"Rad {await field.get_attribute('name')}")
    for name in ("source", "licence_note"):
        await page.locator(f'[id="/{name}"]').fill("Example")
    await page.get_by_role("button", name="Förhandsgranska").last.click()
    await page.get_by_role("button", name="Publicera").click()
    await expect(page).to_have_url(f"{visitors.portal}/instruments/{key}/versions/1")
