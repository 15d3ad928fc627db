"""The legal prerequisites of a wave: what is recorded and what is missing, for whom it concerns."""

import pytest

from servicekit.auth import Assignment
from unit.portal.portal import Browser, fill
from unit.portal.test_pages import PAGES, shown

RECORDED = "Riskbedömning: 1 september 2026, RV 17<br>"
MISSING = "Samverkan: inte registrerad än<br>"


async def read(browser: Browser, page: str) -> str:
    fill(browser.services, "RV 17")
    return " ".join((await shown(browser, PAGES[page])).split())


async def test_a_rollouts_waves_have_them(signed_in: Browser) -> None:
    text = await read(signed_in, "rollout")
    assert f"<td>{RECORDED}Samverkan: 1 september 2026, RV 17<br></td>" in text.replace("> ", ">")
    assert MISSING in text


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("safety_representative", "unit"),
        ("employee", "unit"),
        ("manager", "unit"),
        ("manager", "brief"),
    ],
)
async def test_a_unit_has_those_of_its_wave(signed_in: Browser, role: str, page: str) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment(role, "rehab")})
    text = await read(signed_in, page)
    assert RECORDED in text
    assert MISSING in text
