"""Printing one-time codes: who may, what is asked for, and what comes back."""

import httpx
import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal.answers import ID, page, round_
from unit.portal.portal import OWN_PAGE, Browser
from unit.portal.test_pages import PAGES, shown

PATH = f"/rounds/{ID}/codes"
CODES = ("people", f"/rounds/{ID}/sign-in-codes")


async def printed(browser: Browser, language: str = "sv", **form: str) -> httpx.Response:
    headers = {**OWN_PAGE, "accept-language": language}
    return await browser.request("POST", PATH, data=form, headers=headers)


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_letters_are_the_peoples_page_in_the_readers_language(
    signed_in: Browser, language: str
) -> None:
    signed_in.services.answers[CODES] = {"a page": "to print"}
    answer = await printed(signed_in, language, form="letters", count="3")
    assert answer.text == "{'a page': 'to print'}"
    assert signed_in.services.sent == [(*CODES, {"form": "letters"}, language)]


async def test_the_page_can_load_and_do_nothing_and_is_kept_nowhere(signed_in: Browser) -> None:
    headers = (await printed(signed_in, form="letters")).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; form-action 'none'")
    assert "script-src" not in policy
    assert headers["cache-control"] == "private, no-store"
    assert headers["referrer-policy"] == "no-referrer"


async def test_slips_have_a_number(signed_in: Browser) -> None:
    for count in ("12", "many", ""):
        await printed(signed_in, form="slips", count=count)
    bodies = [body for _, _, body, _ in signed_in.services.sent]
    assert bodies == [
        {"form": "slips", "count": 12},
        {"form": "slips", "count": "many"},
        {"form": "slips"},
    ]


async def test_a_refusal_keeps_what_was_chosen(signed_in: Browser) -> None:
    refusal = ServiceRefused(409, "codes-exhausted", "12 more codes were asked for.")
    signed_in.services.refused_when_sent[CODES] = refusal
    answer = await printed(signed_in, form="slips", count="12")
    assert answer.status_code == 409
    assert "Det skulle bli fler koder" in answer.text
    assert "more codes" not in answer.text
    assert 'value="slips" checked' in answer.text
    assert 'value="12"' in answer.text


async def test_a_round_that_is_not_open_has_no_codes(signed_in: Browser) -> None:
    signed_in.services.answers["assessment", f"/rounds/{ID}"] = {**round_(), "status": "closed"}
    text = await shown(signed_in, PAGES["codes_form"])
    assert "Självskattningen är inte öppen" in text
    assert 'name="form"' not in text


async def test_without_an_open_round_the_page_says_what_will_be_here(signed_in: Browser) -> None:
    signed_in.services.answers["assessment", "/rounds"] = page()
    assert "Ingen självskattning är öppen nu" in await shown(signed_in, PAGES["codes"])


async def test_who_leads_a_unit_prints_no_codes(signed_in: Browser) -> None:
    assert 'href="/codes"' in await shown(signed_in, PAGES["start"])
    signed_in.authenticator.assignments = frozenset(
        {Assignment("manager", "rehab"), Assignment("auditor", EVERY_UNIT)}
    )
    assert 'href="/codes"' not in await shown(signed_in, PAGES["start"])
    answers = [await signed_in.get("/codes"), await signed_in.get(PATH), await printed(signed_in)]
    assert [one.status_code for one in answers] == [403] * 3
    assert signed_in.services.sent == []
