"""A session is one browser's, until it ends."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from devstack import Stack
from e2e.portal.organisation import EMPLOYEES, MANAGER, Organisation, name_of
from e2e.portal.test_employee import ANSWER, answer_all, send
from e2e.portal.visitor import Visitors, sign_in

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


@pytest.mark.parametrize("with_scripts", [True, False])
async def test_one_of_several_assignments_is_shown_alone(
    visitors: Visitors, organisation: Organisation, with_scripts: bool
) -> None:
    page = await visitors.signed_in(f"person:{MANAGER}", java_script_enabled=with_scripts)
    units = page.get_by_role("region", name="Mina enheter").get_by_role("link")
    await expect(units).to_have_count(3)
    await page.goto("/about/cookies")
    switch = page.get_by_label("Uppdrag")
    await switch.select_option(f"chef (Övande {organisation.key})")
    await page.get_by_role("button", name="Byt").click()
    assert page.url == f"{visitors.portal}/about/cookies"
    assert [one["name"] for one in await page.context.cookies(visitors.portal)] == [COOKIE]
    await page.goto("/start")
    await expect(units).to_have_text([f"Övande {organisation.key}"])
    await expect(page.get_by_role("region", name="Väntar på dig")).not_to_contain_text("Repeter")
    await switch.select_option("Alla mina uppdrag")
    await page.get_by_role("button", name="Byt").click()
    await expect(units).to_have_count(3)


async def end_session(page: Page) -> None:
    """As when nobody used it for an hour."""
    await page.context.clear_cookies()


async def test_the_next_person_in_the_tab_sees_no_draft(
    visitors: Visitors, organisation: Organisation
) -> None:
    questions = f"/rounds/{organisation.round_id}"
    page = await visitors.signed_in(f"person:{EMPLOYEES[2]}", questions)
    await answer_all(page)
    await page.reload()
    await expect(page.locator(f'input[value="{ANSWER}"]:checked')).not_to_have_count(0)

    await end_session(page)
    await page.goto(questions)
    await sign_in(page, f"person:{EMPLOYEES[3]}")
    await expect(page.get_by_role("heading", name="Vem ser vad")).to_be_visible()
    await expect(page.locator("input:checked")).to_have_count(0)
    assert await page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize("with_scripts", [True, False])
async def test_what_was_typed_is_sent_after_signing_in_again(
    visitors: Visitors, organisation: Organisation, with_scripts: bool
) -> None:
    person = f"person:{EMPLOYEES[3]}"
    questions = f"/rounds/{organisation.round_id}"
    page = await visitors.signed_in(person, questions, java_script_enabled=with_scripts)
    await answer_all(page)
    await end_session(page)
    await page.get_by_role("button", name="Se över mina svar").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Du är inte inloggad längre")

    async with page.context.expect_page() as opened:
        await page.get_by_role("main").get_by_role("link", name="Logga in").click()
    await sign_in(await opened.value, person)
    await (await opened.value).wait_for_url("**/start")
    await page.bring_to_front()
    await page.get_by_role("button", name="Skicka igen").click()
    await send(page)
