"""The custodian's page."""

import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal.answers import ID
from unit.portal.portal import Browser
from unit.portal.test_pages import PAGES, shown

SHARE = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def is_a(browser: Browser, role: str) -> None:
    browser.authenticator.assignments = frozenset({Assignment(role, EVERY_UNIT)})


async def test_a_closed_envelope_is_opened_elsewhere_and_its_share_handed_in(
    signed_in: Browser,
) -> None:
    is_a(signed_in, "safety_representative")
    text = await shown(signed_in, PAGES["custody"])
    assert f"custodian open KEY_FILE {ID} QUJDRA==" in text
    assert text.count(f'href="/custody/{ID}"') == 1, "the other has open rounds"
    answer = await signed_in.post(f"/custody/{ID}", share=SHARE, sent=ID)
    assert (answer.status_code, answer.headers["location"]) == (303, "/custody")
    sent = ("assessment", f"/releases/{ID}/share", {"share": SHARE}, ID)
    assert sent in signed_in.services.sent


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("share-wrong", 422, "Öppna kuvertet med din egen nyckel"),
        ("release-open", 409, "Omgångar är fortfarande öppna"),
    ],
)
async def test_a_share_that_is_refused_says_why(
    signed_in: Browser, code: str, status: int, said: str
) -> None:
    is_a(signed_in, "safety_representative")
    refused = ServiceRefused(status, code, "in English")
    signed_in.services.refusals["assessment", f"/releases/{ID}/share"] = refused
    answer = await signed_in.post(f"/custody/{ID}", share=SHARE, sent=ID)
    assert answer.status_code == status
    assert said in answer.text


async def test_a_share_waits_for_the_custodian_on_the_start_page(signed_in: Browser) -> None:
    is_a(signed_in, "safety_representative")
    text = await shown(signed_in, PAGES["start"])
    assert 'href="/custody">Lämna in nyckeldelen' in text


async def test_nobody_else_sees_envelopes(signed_in: Browser) -> None:
    is_a(signed_in, "auditor")
    assert (await signed_in.get("/custody")).status_code == 403
    assert "/custody" not in await shown(signed_in, PAGES["start"])
