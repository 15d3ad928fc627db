"""Administrators lead an introduction by its pages, from two files to a wave: with and without
JavaScript, at the same time."""

import asyncio

from playwright.async_api import expect

from devstack import Stack
from e2e.portal.introduction import Introduction
from e2e.portal.organisation import Organisation, Services, name_of
from e2e.portal.visitor import Visitors

MANAGERS = {True: "person-0041", False: "person-0042"}
"""With scripts or without."""


async def test_administrators_lead_an_introduction(
    visitors: Visitors, organisation: Organisation, stack: Stack
) -> None:
    async with asyncio.TaskGroup() as group:
        for with_scripts in MANAGERS:
            group.create_task(lead(visitors, organisation, stack, with_scripts))


async def lead(
    visitors: Visitors, organisation: Organisation, stack: Stack, with_scripts: bool
) -> None:
    manager = MANAGERS[with_scripts]
    page = await visitors.signed_in("administrator", java_script_enabled=with_scripts)
    ours = Introduction(page, Services(stack))
    await ours.import_file(
        "enheter",
        "unit_id,name,kind,parent_id,headcount",
        *(f"{unit},Enhet {unit},unit,,9" for unit in ours.units),
    )
    holder = f"{manager},{name_of(manager)},{manager}@example.se,sv,manager"
    await ours.import_file(
        "personer",
        "person_id,name,email,language,role,unit_id",
        *(f"{holder},{unit}" for unit in ours.units),
    )
    await ours.create(f"{organisation.key} 1")
    await ours.record_prerequisites(wave=0)
    await ours.do("Starta piloten")
    await ours.close_rounds("baseline", ours.pilots)
    await ours.practise(Services(stack, f"person:{manager}"))
    await ours.close_rounds("follow_up", ours.pilots)

    await ours.open("Ändra avstämningens utfall")
    await page.goto(ours.address)
    gate = page.get_by_role("region", name="Avstämningen")
    await expect(gate.get_by_role("heading")).to_contain_text("Går inte att avgöra")
    await ours.do("Ändra avstämningens utfall", "Godkänd", Skäl="Fyra enheter har övat")
    await ours.do(
        "Föreslå ett beslut", "Breddinförande", Skäl="Piloten gick väl", Diarienummer="RV 2026-18"
    )
    await page.get_by_text("Det här kan inte göras nu, och varför").click()
    await expect(page.get_by_text("Den som har föreslagit ett beslut").first).to_be_visible()

    second = await visitors.signed_in("second-administrator", java_script_enabled=with_scripts)
    waiting = second.get_by_role("region", name="Väntar på dig").get_by_role("listitem")
    await (
        waiting.filter(has_text=ours.key)
        .get_by_role("link", name="Godkänn eller avslå ett beslut")
        .click()
    )
    await second.get_by_role("button", name="Godkänn beslutet").click()
    await expect(second).to_have_url(ours.address)

    await ours.do("Planera vågorna", **{"Enheter per våg": "1"})
    await ours.record_prerequisites(wave=1)
    await ours.do("Starta breddinförandet")
    await ours.wave_says(1, "Pågår")
    await ours.wave_says(2, "Planerad")

    first_wave = ours.units[len(ours.pilots)]
    await page.get_by_role("link", name="Visa alla enheter").click()
    await page.get_by_role("link", name=first_wave).click()
    journey = page.get_by_role("region", name="Resan").get_by_role("heading", level=2)
    for action, status in (("Pausa en enhet", "Pausad"), ("Återuppta en enhet", "Pågår")):
        await page.get_by_role("link", name=action).click()
        await page.get_by_label("Skäl").fill("Flyttar lokal")
        await page.get_by_role("button", name=action).click()
        await expect(page).to_have_url(ours.address)
        await page.goto(f"/units/{first_wave}")
        await expect(journey).to_contain_text(status)
    await ours.close_rounds("baseline", [first_wave])
    await ours.wave_says(1, "Verifierad")
