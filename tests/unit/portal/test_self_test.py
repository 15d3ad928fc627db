"""The page about the self-test: one that did not finish or found something never looks passed."""

from typing import Any

import pytest

from servicekit.auth import Assignment
from unit.portal.answers import ID
from unit.portal.organisation_answers import self_test
from unit.portal.portal import Browser
from unit.portal.test_pages import PAGES, shown

PASSED = "kunde programmet inte få fram något om några få personer"
STOPPED = {
    "checks": [
        {"check": "groups", "meaning": {"sv": "Fråga"}, "checked": 0, "findings": 0},
    ]
}
FOUND = {
    "checks": [
        {"check": "groups", "meaning": {"sv": "Fråga"}, "checked": 24, "findings": 2},
        {"check": "extremes", "meaning": {"sv": "Fråga"}, "checked": 168, "findings": 0},
    ]
}


@pytest.mark.parametrize(
    ("answer", "said", "passed"),
    [
        ({}, "Inget hittades", True),
        ({"releases_since": 1}, "Nyare resultat har publicerats", True),
        ({"releases": 0, "rounds": 0}, "fanns inga publicerade resultat", False),
        ({"outcome": "found", **FOUND}, "<strong>2</strong>", False),
        (
            {"outcome": "not_finished", "is_finished": False, **STOPPED},
            "Vi vet alltså inte resultatet",
            False,
        ),
        ({"outcome": "found", "is_finished": False, **FOUND}, "<strong>vet vi inte", False),
        (
            {"outcome": "not_yet", "is_finished": False, "checked_at": None, "releases": 0},
            "Inget test har gjorts",
            False,
        ),
    ],
)
async def test_it_says_what_was_checked_when_and_with_which_result(
    signed_in: Browser, answer: dict[str, Any], said: str, passed: bool
) -> None:
    signed_in.services.answers["assessment", "/self-test"] = self_test(**answer)
    text = await shown(signed_in, PAGES["self_test"])
    assert said in text
    assert (PASSED in text) == passed
    assert ('data-color="success"' in text) == (self_test(**answer)["outcome"] == "nothing_found")


@pytest.mark.parametrize("role", ["respondent", "employee", "operator"])
async def test_whoever_is_asked_can_read_it(signed_in: Browser, role: str) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment(role, "rehab")})
    assert (await signed_in.get("/self-test")).status_code == 200


@pytest.mark.parametrize("page", [f"/rounds/{ID}", f"/units/rehab?rollout={ID}"])
async def test_questions_and_results_lead_to_it(signed_in: Browser, page: str) -> None:
    assert 'href="/self-test"' in (await signed_in.get(page)).text
