"""Joining small units for their results: the proposal, by hand, and what is refused."""

from typing import Any

import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser

PAGE = f"/rollouts/{ID}/report-groups"
SEEN = "day ward;east west"
BY_HAND = {
    "seen": SEEN,
    "group-day": "2",
    "group-ward": "",
    "group-night": "2",
    "group-rehab": "2",
    "group-far": "",
}
SAVED = [["east", "west"], ["day", "night", "rehab"]]


def refuse(browser: Browser, code: str, *errors: dict[str, str]) -> None:
    refused = ServiceRefused(409, code, "in English", errors)
    browser.services.refused_when_sent["assessment", PAGE] = refused


def field(unit_id: str, number: str) -> str:
    return f'name="group-{unit_id}" inputmode="numeric" maxlength="10" size="4" value="{number}"'


async def test_the_page_shows_groups_a_proposal_and_who_is_left(signed_in: Browser) -> None:
    text = (await signed_in.get(PAGE)).text
    assert "Day (6), Ward (12)" in text
    assert "Far (2), Night (4), Rehab (5)" in text
    assert "Det finns inget förslag för Far" in text
    assert "East och West" in text
    assert field("day", "1") in text
    assert field("rehab", "") in text
    for fixed in ("east", "west"):
        assert f'name="group-{fixed}"' not in text, "it has begun"


async def test_a_rollout_leads_there(signed_in: Browser) -> None:
    assert f'href="{PAGE}"' in (await signed_in.get(f"/rollouts/{ID}")).text
    signed_in.authenticator.assignments = frozenset({Assignment("manager", "rehab")})
    assert f'href="{PAGE}"' not in (await signed_in.get(f"/rollouts/{ID}")).text


async def test_the_form_has_the_proposal_if_it_is_asked_for(signed_in: Browser) -> None:
    text = (await signed_in.get(f"{PAGE}?proposal=1")).text
    assert all(field(unit, "1") in text for unit in ("day", "night", "rehab"))
    assert field("ward", "") in text


async def test_large_units_without_a_group_are_shown_when_asked_for(signed_in: Browser) -> None:
    alone = answers.report_groups(groups=[], proposal=[])
    signed_in.services.answers["assessment", PAGE] = alone
    assert 'name="group-ward"' not in (await signed_in.get(PAGE)).text
    assert 'name="group-ward"' in (await signed_in.get(f"{PAGE}?all=1")).text


async def test_groups_are_saved_by_way_of_a_preview(signed_in: Browser) -> None:
    preview = (await signed_in.post(PAGE, **BY_HAND, step="preview")).text
    assert "Inte längre i någon grupp: Ward" in preview
    assert "<td>15</td>" in preview
    assert signed_in.services.sent == []
    back = (await signed_in.post(PAGE, **BY_HAND, step="edit")).text
    assert field("night", "2") in back
    answer = await signed_in.post(PAGE, **BY_HAND, step="save")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=yes")
    body = {"groups": SAVED, "expected_groups": [["day", "ward"], ["east", "west"]]}
    assert signed_in.services.sent == [("assessment", PAGE, body, "")]
    assert "Det är gjort" in (await signed_in.get(f"{PAGE}?done=yes")).text


async def test_a_number_that_is_none_is_asked_for_again(signed_in: Browser) -> None:
    answer = await signed_in.post(PAGE, **{**BY_HAND, "group-night": "två"}, step="save")
    assert answer.status_code == 422
    assert 'href="#group-night">Night: ' in answer.text
    assert field("night", "två") in answer.text
    assert signed_in.services.sent == []


@pytest.mark.parametrize(
    ("pointer", "detail", "said", "units"),
    [
        (
            "/body/groups/1",
            "A group has two units at least.",
            "minst två enheter",
            "day night rehab",
        ),
        (
            "/body/groups/1",
            "The units have 5 people together; 7 are needed.",
            "5 personer tillsammans",
            "day night rehab",
        ),
        (
            "/body/groups/1/1",
            "night does not take part in this rollout.",
            "deltar inte längre i införandet",
            "night",
        ),
    ],
)
async def test_what_is_refused_is_said_at_the_row(
    signed_in: Browser, pointer: str, detail: str, said: str, units: str
) -> None:
    refuse(signed_in, "report-groups-invalid", {"pointer": pointer, "detail": detail})
    answer = await signed_in.post(PAGE, **BY_HAND, step="save")
    assert answer.status_code == 409
    for unit in units.split():
        assert f'href="#group-{unit}">{unit.capitalize()}: ' in answer.text
    assert said in answer.text
    assert answer.text.count('href="#group-') == len(units.split())
    assert field("night", "2") in answer.text, "what was typed"


async def test_groups_that_changed_meanwhile_are_shown_beside_ones_own(
    signed_in: Browser,
) -> None:
    theirs = answers.report_groups(groups=[["day", "far"], ["east", "west"]])
    signed_in.services.answers["assessment", PAGE] = theirs
    refuse(signed_in, "report-groups-changed")
    text = (await signed_in.post(PAGE, **BY_HAND, step="save")).text
    assert "Någon annan sparade andra grupper" in text
    assert '<td class="lines">Night, Rehab</td><td class="lines">Far</td>' in text
    assert field("night", "2") in text
    assert 'name="seen" value="day far;east west"' in text, "the next one replaces them"


async def test_a_unit_that_has_begun_meanwhile_is_listed_as_such(signed_in: Browser) -> None:
    now = answers.report_groups()
    now["units"][3]["has_begun"] = True  # Night
    signed_in.services.answers["assessment", PAGE] = now
    refuse(signed_in, "report-group-in-use")
    text = (await signed_in.post(PAGE, **BY_HAND, step="save")).text
    assert "En enhet har börjat" in text
    assert 'id="group-night"' not in text
    assert "East, Night och West" in text
    assert field("rehab", "2") in text


async def test_who_may_only_read_sees_no_form(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment("auditor", EVERY_UNIT)})
    text = (await signed_in.get(PAGE)).text
    assert "Day (6)" in text
    assert "<button" not in text.partition("<main")[2].partition("</main>")[0]
    assert (await signed_in.post(PAGE, **BY_HAND, step="save")).status_code == 403
    signed_in.authenticator.assignments = frozenset({Assignment("manager", "rehab")})
    assert (await signed_in.get(PAGE)).status_code == 403
    assert signed_in.services.sent == []


@pytest.mark.parametrize("path", ["/units/rehab", "/units/rehab/brief"])
async def test_a_result_says_which_units_it_is_about(signed_in: Browser, path: str) -> None:
    assert "Resultatet gäller Rehab och Ward tillsammans" in (await signed_in.get(path)).text
    alone: Any = {**answers.result(), "together": [], "together_names": []}
    signed_in.services.answers["assessment", "/results"] = answers.page(alone)
    assert "Resultatet gäller" not in (await signed_in.get(path)).text


async def test_a_unit_that_waits_for_results_reads_until_when(signed_in: Browser) -> None:
    for path in ("/units/rehab", "/rounds"):
        assert "senast 1 oktober 2026" in (await signed_in.get(path)).text
    released = {**answers.round_summary(), "status": "anonymised"}
    signed_in.services.answers["assessment", "/rounds"] = answers.page(released)
    for path in ("/units/rehab", "/rounds"):
        assert "senast 1 oktober 2026" not in (await signed_in.get(path)).text
