"""Small units are joined before they begin, without JavaScript, by two administrators at once."""

from uuid import uuid4

import httpx
from playwright.async_api import Page, expect

from e2e.portal.organisation import Organisation, Services
from e2e.portal.visitor import Visitors
from support.eventually import eventually


async def rollout_of_small_units(services: Services, template_id: str) -> tuple[str, str]:
    """Its id, and how the units' ids begin: two small ones beside each other."""
    key = f"portal-small-{uuid4().hex[:6]}"
    units = [f"{key}-{place},Liten {place} {key},unit,{key},5" for place in ("day", "night")]
    lines = ["unit_id,name,kind,parent_id,headcount", f"{key},Liten {key},unit,,", *units]
    services.post("workflow", "/units/import", "\n".join(lines))
    made = services.new_rollout(f"Liten {key}", template_id, f"{key}-day", f"{key}-night")

    async def known() -> bool:
        try:
            found = services.get("assessment", f"/rollouts/{made}/report-groups")
        except httpx.HTTPStatusError as error:
            raise AssertionError("the rollout is not known there yet") from error
        assert found["proposal"] == [[f"{key}-day", f"{key}-night"]]
        return True

    await eventually(known, within=60, pause=0.5)
    return made, key


async def press(page: Page, name: str) -> None:
    await page.get_by_role("main").get_by_role("button", name=name).click()


async def test_a_proposal_is_used_and_nobody_overwrites_it_unseen(
    visitors: Visitors, services: Services, organisation: Organisation
) -> None:
    rollout_id, key = await rollout_of_small_units(services, organisation.key)
    both = f"Liten day {key} (5), Liten night {key} (5)"
    pages = [
        await visitors.signed_in(
            "administrator", f"/rollouts/{rollout_id}", java_script_enabled=False
        )
        for _ in range(2)
    ]
    for page in pages:
        await page.get_by_role("link", name="Enheter som redovisas tillsammans").click()
    first, second = pages
    await press(first, "Använd förslaget")
    await expect(first.get_by_role("row").last).to_contain_text(both)
    await press(first, "Spara grupperna")
    await expect(first.get_by_role("status")).to_have_text("Det är gjort.")
    await expect(first.get_by_role("main")).to_contain_text("Grupperna är som plattformen föreslår")

    await second.get_by_label(f"Liten day {key}").fill("1")
    await press(second, "Förhandsgranska")
    await press(second, "Spara grupperna")
    await expect(second.get_by_role("main")).to_contain_text("Någon annan sparade andra grupper")
    await expect(second.get_by_label(f"Liten day {key}")).to_have_value("1")
    await press(second, "Förhandsgranska")
    await press(second, "Spara grupperna")
    await expect(second.get_by_role("alert").last).to_contain_text("minst två enheter")
    saved = services.get("assessment", f"/rollouts/{rollout_id}/report-groups")["groups"]
    assert saved == [[f"{key}-day", f"{key}-night"]]
