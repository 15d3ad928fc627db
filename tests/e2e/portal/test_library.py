"""An administrator edits, previews and publishes what rollouts are made of, without JavaScript."""

import json
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from e2e.portal.organisation import DATA, Services
from e2e.portal.visitor import Visitors


@pytest.fixture
def key() -> str:
    return f"portal-lib-{uuid4().hex[:6]}"


async def visit(visitors: Visitors, address: str) -> Page:
    return await visitors.signed_in("administrator", address, java_script_enabled=False)


async def test_an_administrator_edits_and_publishes_a_module(
    visitors: Visitors, services: Services, key: str
) -> None:
    module = json.loads((DATA / "modules" / "start-together.json").read_text(encoding="utf-8"))
    title = module["title"] | {"sv": f"Börja {key}"}
    services.post("content", "/modules", module | {"module_id": key, "title": title})
    services.post("content", f"/modules/{key}/publish", {})
    page = await visit(visitors, "/start")
    await page.get_by_role("navigation").get_by_role("link", name="Bibliotek").click()
    await page.get_by_role("main").get_by_role("link", name="Moduler").click()
    await page.get_by_role("link", name=f"Redigera Börja {key}").click()

    await page.get_by_label("Titel på svenska").first.fill(f"Börja om {key}")
    await page.get_by_role("button", name="Lägg till en del").click()
    await expect(page.get_by_role("status")).to_contain_text("Inget av det här är sparat än")
    await expect(page.get_by_label("Titel på svenska").first).to_have_value(f"Börja om {key}")
    new = page.get_by_role("group").filter(has=page.locator("legend", has_text="Del")).last
    await new.get_by_label("Id: a-z").fill("new-part")
    await page.get_by_role("button", name="Spara utkastet").last.click()

    await page.get_by_role("link", name="Förhandsvisning").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Börja om {key}")
    await page.get_by_role("button", name="Publicera").click()
    gaps = page.get_by_role("alert").filter(has=page.get_by_role("link")).get_by_role("link")
    await expect(gaps).to_have_count(4)
    number = len(module["items"]) + 1
    await expect(gaps.first).to_have_text(f"Del {number}, Titel, på svenska: Texten saknas.")
    for pointer in ("title/sv", "title/en", "body/sv", "body/en"):
        await page.locator(f'[name="/items/{number - 1}/{pointer}"]').fill(f"{pointer} {key}")
    await page.get_by_role("button", name="Spara utkastet").first.click()
    await page.get_by_role("link", name="Förhandsvisning").first.click()
    await page.get_by_role("button", name="Publicera").click()
    await expect(page.get_by_role("main")).to_contain_text("Version 2, publicerad")
    await expect(page.get_by_role("main")).to_contain_text(f"title/sv {key}")
    await page.get_by_role("link", name="Version 1").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Börja {key}")

    await page.goto(f"/search?words=%22om+{key}%22")
    await page.get_by_role("main").get_by_role("link", name=key).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Börja om {key}")


async def test_two_administrators_edit_the_same_draft(
    visitors: Visitors, services: Services, key: str
) -> None:
    module = json.loads((DATA / "modules" / "start-together.json").read_text(encoding="utf-8"))
    services.post("content", "/modules", module | {"module_id": key})
    pages = [await visit(visitors, f"/modules/{key}/draft") for _ in range(2)]
    for page, title in zip(pages, ("Först", "Sedan"), strict=True):
        await page.get_by_label("Titel på svenska").first.fill(title)
        await page.get_by_role("button", name="Spara utkastet").first.click()
    other = pages[1]
    await expect(other.get_by_role("alert")).to_contain_text("Någon har ändrat utkastet")
    row = other.get_by_role("row").filter(has_text="Titel, på svenska")
    await expect(row.get_by_role("cell")).to_have_text(["Sedan", "Först"])
    await other.get_by_role("button", name="Spara utkastet").first.click()
    await pages[0].reload()
    await expect(pages[0].get_by_label("Titel på svenska").first).to_have_value("Sedan")


async def test_an_administrator_publishes_a_new_version_of_an_instrument(
    visitors: Visitors, services: Services, key: str
) -> None:
    instrument = json.loads((DATA / "instrument.json").read_text(encoding="utf-8"))
    services.post("assessment", "/instruments", instrument | {"instrument_id": key, "version": 1})
    page = await visit(visitors, f"/instruments/{key}/versions/1")
    await page.get_by_role("link", name="Gör en ny version").click()
    await (
        page.get_by_role("group", name="Påstående 1", exact=True)
        .get_by_label("Text på svenska")
        .fill("Jag säger till.")
    )
    await page.get_by_role("button", name="Förhandsgranska").last.click()
    await expect(page.get_by_role("group", name="Jag säger till.")).to_be_visible()
    await page.get_by_role("button", name="Publicera").click()
    await expect(page).to_have_url(f"{visitors.portal}/instruments/{key}/versions/2")
    await expect(page.get_by_role("group", name="Jag säger till.")).to_be_visible()


async def test_an_administrator_repairs_and_publishes_a_template(
    visitors: Visitors, services: Services, key: str
) -> None:
    template = json.loads((DATA / "template.json").read_text(encoding="utf-8"))
    services.post("workflow", "/templates", template | {"template_id": key})
    page = await visit(visitors, f"/templates/{key}/versions/1")
    await page.get_by_role("link", name="Gör en ny version").click()
    text = await page.get_by_label("Mallens text").input_value()
    await page.get_by_label("Mallens text").fill(text.replace('"P28D"', '"28"'))
    await page.get_by_role("button", name="Kontrollera").click()
    line = text[: text.index('"P28D"')].count("\n") + 1
    fault = page.get_by_role("row").filter(has_text="min_duration")
    await expect(fault.get_by_role("rowheader")).to_have_text(str(line))
    await expect(fault).to_contain_text("Ange en tid som P14D")
    await page.get_by_label("Mallens text").fill(text.replace('"P28D"', '"P35D"'))
    await page.get_by_role("button", name="Kontrollera").click()
    steps = page.get_by_role("table").first.get_by_role("row")
    await expect(steps.nth(1)).to_contain_text("minst 35 dygn")
    await page.get_by_role("button", name="Publicera").click()
    await expect(page).to_have_url(f"{visitors.portal}/templates/{key}/versions/2")
