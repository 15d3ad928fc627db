"""An administrator imports another system's file by a saved mapping."""

import io
from uuid import uuid4

import pytest
from openpyxl import Workbook
from playwright.async_api import expect

from e2e.portal.organisation import Services
from e2e.portal.visitor import Visitors


def book(*rows: list[str]) -> bytes:
    """A workbook whose second sheet has the rows."""
    made, content = Workbook(), io.BytesIO()
    made.worksheets[0].title = "Information"
    made.worksheets[0].append(["Läs det här"])
    units = made.create_sheet("Enheter")
    for row in rows:
        units.append(row)
    made.save(content)
    return content.getvalue()


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no-script"])
async def test_a_file_of_another_system_is_imported(
    visitors: Visitors, services: Services, with_script: bool
) -> None:
    key = uuid4().hex[:6]
    source, unit = f"portal-{key}", f"PORTAL-IMPORT-{key.upper()}"
    page = await visitors.signed_in(
        "administrator", "/imports/units", java_script_enabled=with_script
    )
    await page.get_by_role("link", name="spara hur den läses").click()
    await page.get_by_label("Systemets namn").fill(source)
    await page.get_by_label("Id med stora bokstäver").check()
    for column, heading in {
        "unit_id": "Kod",
        "name": "Benämning",
        "kind": "Nivå",
        "parent_id": "Över",
    }.items():
        group = page.get_by_role("group", name=column, exact=True)
        await group.get_by_label("Rubrik i filen").fill(heading)
    await page.get_by_role("group", name="kind", exact=True).locator("summary").click()
    await page.locator('[name="/values/kind"]').fill("Vårdenhet = unit")
    await page.get_by_role("group", name="headcount", exact=True).locator("summary").click()
    await page.locator('[name="/defaults/headcount"]').fill("0")
    await page.get_by_role("button", name="Spara").click()
    await expect(page).to_have_url(f"{visitors.portal}/imports/units")

    rows = ["Kod", "Benämning", "Nivå", "Över"], [unit, "Importerad", "Vårdenhet", ""]
    file = {"name": "enheter.xlsx", "mimeType": "application/octet-stream", "buffer": book(*rows)}
    await page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    await page.get_by_role("button", name="Se vad den ändrar").click()
    again = page.get_by_role("region", name="Läs samma fil på ett annat sätt")
    await again.get_by_label("Så läses filen").select_option(source)
    await again.get_by_label("Arbetsbokens blad").select_option("Enheter")
    await again.get_by_role("button").click()
    await expect(page.get_by_role("main")).to_contain_text(
        f"Filen läses som det är sparat för {source}"
    )
    preview = page.get_by_role("region", name="Det här ändrar filen")
    await preview.get_by_text("Nya: 1").click()
    await expect(preview).to_contain_text(unit.lower())
    await page.get_by_role("button", name="Importera").click()
    await expect(page.get_by_role("region", name="Filen är importerad")).to_be_visible()
    assert services.get("workflow", f"/units/{unit.lower()}")["name"] == "Importerad"


async def test_an_import_of_persons_says_how_it_ended(
    visitors: Visitors, services: Services
) -> None:
    key = uuid4().hex[:6]
    page = await visitors.signed_in("administrator", "/imports/persons", java_script_enabled=False)
    person = f"portal-{key},Exempelperson 0001,,sv,employee,portal-{key}"
    text = f"person_id,name,email,language,role,unit_id\n{person}\n"
    file = {"name": "p.csv", "mimeType": "text/csv", "buffer": text.encode()}
    await page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    await page.get_by_role("button", name="Se vad den ändrar").click()
    sent = await page.locator('form:has(button[value="import"]) [name="sent"]').input_value()
    await page.get_by_role("button", name="Importera").click()
    await expect(page.get_by_role("region", name="Filen är importerad")).to_be_visible()
    await page.goto(f"/imports/persons/progress/{sent}")
    await expect(page.get_by_role("status")).to_contain_text("1 av 1 personer är sparade")
