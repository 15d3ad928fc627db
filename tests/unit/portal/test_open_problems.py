"""What waits for somebody to mend it: what it means, what to do, and who is shown it."""

import pytest

from people_service.domain.open_problems import ProblemKind
from portal_service.domain.open_problems import grouped, meaning
from portal_service.domain.reasons import REASONS
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import operator_answers
from unit.portal.portal import Browser
from unit.portal.test_pages import PAGES, shown
from workflow_service.application.rollout.reconciling import TODOS

LISTED = ("workflow", "assessment", "content", "people")


def asked(browser: Browser) -> list[tuple[str, str]]:
    found = [(one, query["limit"]) for one, path, query in browser.services.asked if "open" in path]
    browser.services.asked.clear()
    return found


@pytest.mark.parametrize("kind", ProblemKind.__args__)  # type: ignore[attr-defined]
def test_every_kind_of_the_people_service_has_its_own_text(kind: str) -> None:
    assert meaning("people", kind)[0] != meaning("people", "unheard-of")[0]


def test_the_same_code_means_what_it_means_in_its_service() -> None:
    assert meaning("content", "unit-unknown") != meaning("people", "unit-unknown")


@pytest.mark.parametrize("code", TODOS)
def test_every_difference_that_is_left_for_a_person_has_its_own_text(code: str) -> None:
    assert meaning("workflow", code)[0] != meaning("workflow", "unheard-of")[0]


def test_a_lost_action_is_not_said_to_hold_nothing_up() -> None:
    assert "may wait" in meaning("workflow", "practice-lost")[2]


def test_what_another_service_refuses_is_said_in_its_words() -> None:
    _, why, todo = meaning("workflow", "round-closed")
    assert why == REASONS["round-closed"]
    assert "goes on by itself" in todo


def test_problems_of_one_kind_stand_together() -> None:
    one = operator_answers.open_problem()
    groups = list(grouped("workflow", [one, one, {**one, "code": "module-unknown"}]))
    assert [(group.code, len(group.places)) for group in groups] == [
        ("unit-without-manager", 2),
        ("module-unknown", 1),
    ]


async def test_each_service_is_asked_for_the_first_and_one_for_a_page(signed_in: Browser) -> None:
    text = await shown(signed_in, PAGES["open_problems"])
    assert asked(signed_in) == [(one, "20") for one in LISTED]
    assert 'href="?service=workflow"' in text
    assert 'href="/units/rehab?rollout=' in text
    await shown(signed_in, PAGES["open_problems of a service"])
    assert asked(signed_in) == [("workflow", "50")]


async def test_nothing_of_the_services_english_is_shown(signed_in: Browser) -> None:
    for listed in LISTED:
        page = signed_in.services.answers[listed, "/open-problems"]
        for one in page["items"]:
            one |= {"detail": "in English", "explanation": "in English"}
    text = await shown(signed_in, PAGES["open_problems"])
    assert "Enheten har ingen chef i dag" in text
    assert "in English" not in text


async def test_a_service_that_is_away_is_named(signed_in: Browser) -> None:
    signed_in.services.away = {"people"}
    text = await shown(signed_in, PAGES["open_problems"])
    assert "Personer och roller" in text
    assert 'id="of-people"' not in text


async def test_who_may_read_them_is_led_there(signed_in: Browser) -> None:
    for page in ("start", "operation"):
        assert 'href="/operation/open-problems"' in await shown(signed_in, PAGES[page])
    signed_in.authenticator.assignments = frozenset({Assignment("administrator", "rehab")})
    await shown(signed_in, PAGES["open_problems"])
    assert asked(signed_in) == [(one, "20") for one in LISTED if one != "people"]
    signed_in.authenticator.assignments = frozenset({Assignment("approver", EVERY_UNIT)})
    assert (await signed_in.get("/operation/open-problems")).status_code == 403
    assert "open-problems" not in await shown(signed_in, PAGES["start"])
