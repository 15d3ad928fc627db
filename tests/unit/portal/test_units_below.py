"""Whoever has a role for a unit that holds for those below it too is led to them."""

import pytest

from servicekit.auth import Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser
from unit.portal.test_pages import PAGES, Page, shown

LEADING = ("manager", "deputy", "facilitator")


def holds(browser: Browser, role: str) -> None:
    browser.authenticator.assignments = frozenset({Assignment(role, "heart", below=True)})


@pytest.mark.parametrize("role", [*LEADING, "safety_representative"])
async def test_the_page_of_a_unit_leads_to_those_below(signed_in: Browser, role: str) -> None:
    holds(signed_in, role)
    assert 'href="/units/heart"' in await shown(signed_in, PAGES["start"])
    text = await shown(signed_in, PAGES["unit with units below"])
    assert '<a class="ds-link" href="/units/rehab">Rehab</a>' in text
    assert "deltar inte i något införande" not in text
    query = {"parent_id": "heart", "limit": "50", "page": "1"}
    assert ("workflow", "/units", query) in signed_in.services.asked


async def test_the_units_below_and_the_changes_have_pages_of_their_own(signed_in: Browser) -> None:
    journey = answers.page(answers.journey() | {"unit_id": "heart"})
    signed_in.services.answers |= {
        ("workflow", f"/rollouts/{ID}/journeys"): journey,
        ("workflow", "/units/heart/journeys"): answers.unit_journeys(),
        ("content", "/units/heart/changes"): answers.page(answers.change(), total=300),
    }
    text = await shown(signed_in, Page(f"/units/heart?rollout={ID}&below=2&page=3"))
    assert f'href="?rollout={ID}&amp;below=2#below"' in text
    assert f'href="?rollout={ID}&amp;page=2#changes"' in text
    asked = {path: query for _, path, query in signed_in.services.asked}
    assert asked["/units"]["page"] == "2"
    assert asked["/units/heart/changes"]["page"] == "3"


@pytest.mark.parametrize("role", LEADING)
async def test_what_units_below_wait_for_waits_for_whoever_leads_them(
    signed_in: Browser, role: str
) -> None:
    holds(signed_in, role)
    text = await shown(signed_in, PAGES["start"])
    assert text.count(f"/units/rehab?rollout={ID}") == 2, "a meeting and an action, each once"
    query = {"branch": "heart", "status": "active", "limit": "200"}
    assert ("workflow", f"/rollouts/{ID}/journeys", query) in signed_in.services.asked


async def test_nothing_of_the_units_below_waits_for_a_safety_representative(
    signed_in: Browser,
) -> None:
    holds(signed_in, "safety_representative")
    assert "Inget väntar på dig" in await shown(signed_in, PAGES["start"])


async def test_who_leads_many_units_sees_the_most_urgent_and_that_there_are_more(
    signed_in: Browser,
) -> None:
    holds(signed_in, "manager")
    units = [answers.journey() | {"unit_id": f"unit-{n}", "name": f"Unit {n}"} for n in range(30)]
    journeys = ("workflow", f"/rollouts/{ID}/journeys")
    signed_in.services.answers[journeys] = answers.page(*units)
    text = await shown(signed_in, PAGES["start"])
    assert text.count('class="ds-card" data-color="accent"') == 20
    assert "De 20 mest brådskande av 61 visas" in text


async def test_a_unit_whose_units_below_belong_to_others_lists_none(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment("employee", "heart")})
    signed_in.services.answers["workflow", "/units"] = answers.page()
    text = await shown(signed_in, PAGES["unit with units below"])
    assert 'id="below"' not in text
    assert "deltar inte i något införande" in text
