"""Of several assignments one can be chosen, which is then shown alone."""

import asyncio
import re

import pytest

from portal_service.application.ports import ServiceRefused, Services
from portal_service.application.unit_names import UnitNames
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.fakes import FakeServices
from unit.portal.portal import Browser, fill
from unit.portal.test_sign_in_pages import ELSEWHERE

MANAGER = Assignment("manager", "heart", below=True)
EMPLOYEE = Assignment("employee", "rehab")
DEPUTY = Assignment("deputy", "lungs", below=True, standing_for="account-2")
ADMINISTRATOR = Assignment("administrator", EVERY_UNIT)
APPROVER = Assignment("approver", EVERY_UNIT)
SWITCH = 'action="/assignment"'


@pytest.fixture
async def several(signed_in: Browser) -> Browser:
    signed_in.authenticator.assignments = frozenset({MANAGER, EMPLOYEE, DEPUTY, ADMINISTRATOR})
    for unit, name in (("heart", "Hjärtat"), ("lungs", "Lungorna")):
        signed_in.services.answers["workflow", f"/units/{unit}"] = answers.unit(name) | {
            "unit_id": unit
        }
    return signed_in


async def choose(browser: Browser, assignment: str, back: str = "/start") -> str:
    """The page after it."""
    answer = await browser.post("/assignment", assignment=assignment, back=back)
    assert (answer.status_code, answer.headers["location"]) == (303, back)
    assert "set-cookie" not in answer.headers, "the session's cookie is the only one"
    return (await browser.get(back)).text


def options(text: str) -> dict[str, str]:
    """Name by key."""
    switch = text[text.index(SWITCH) :].partition("</form>")[0]
    return dict(re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)', switch))


def selected(text: str) -> list[str]:
    switch = text[text.index(SWITCH) :].partition("</form>")[0]
    return re.findall(r'<option value="([^"]*)" selected', switch)


@pytest.mark.parametrize("path", ["/start", "/", "/units/rehab", "/nothing"])
async def test_each_page_names_all_assignments(several: Browser, path: str) -> None:
    text = (await several.get(path)).text
    assert options(text) == {
        "": "Alla mina uppdrag",
        "administrator//": "administratör",
        "deputy/lungs/in-place": "ställföreträdare (Lungorna) i någon annans ställe",
        "employee/rehab/": "medarbetare (Rehab)",
        "manager/heart/": "chef (Hjärtat)",
    }
    assert selected(text) == []


async def test_who_has_one_assignment_has_no_switch(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset({EMPLOYEE})
    assert SWITCH not in (await signed_in.get("/start")).text


async def test_the_chosen_one_is_shown_alone(several: Browser) -> None:
    assert {"/units/heart", "/units/rehab"} <= set(links(await start(several)))
    text = await choose(several, "employee/rehab/")
    assert selected(text) == ["employee/rehab/"]
    assert "/units/rehab" in links(text)
    assert f"/rounds/{ID}" in links(text)
    for hidden in ("/units/heart", "/units/lungs", f"/rollouts/{ID}", "/operation", "/articles"):
        assert hidden not in links(text)
    assert "/operation" in links(await choose(several, "administrator//"))
    assert {"/units/heart", "/operation"} <= set(links(await choose(several, "")))


async def test_what_waits_is_that_of_the_chosen_one(several: Browser) -> None:
    several.authenticator.assignments = frozenset({ADMINISTRATOR, APPROVER, MANAGER, EMPLOYEE})
    decide = f"/rollouts/{ID}/actions/approve_decision"
    assert decide in links(await choose(several, "approver//"))
    several.authenticator.assignments |= {Assignment("auditor", EVERY_UNIT)}
    assert decide not in links(await choose(several, "auditor//"))


async def test_the_units_to_lead_are_asked_for_by_the_chosen_unit(several: Browser) -> None:
    several.services.answers["assessment", "/rounds"] = answers.page(
        answers.round_summary() | {"unit_id": "heart"}
    )
    await choose(several, "manager/heart/")
    asked = [query for _, path, query in several.services.asked if path.endswith("/journeys")]
    assert asked[-1]["branch"] == "heart"


async def test_a_board_shows_the_chosen_ones_units_until_another_part_is_chosen(
    several: Browser,
) -> None:
    await choose(several, "manager/heart/", f"/rollouts/{ID}/units")
    await several.get(f"/rollouts/{ID}/units.csv")
    await several.get(f"/rollouts/{ID}/units?branch=lungs")
    asked = {
        (path.rpartition("/")[2], query.get("branch"))
        for _, path, query in several.services.asked
        if path.endswith(("/board", "/journeys"))
    }
    assert asked == {("board", "heart"), ("journeys", "heart"), ("board", "lungs")}


async def test_a_link_works_whatever_is_chosen(several: Browser) -> None:
    await choose(several, "employee/rehab/")
    assert (await several.get("/rollouts/new")).status_code == 200
    assert (await several.get("/operation")).status_code == 200


@pytest.mark.parametrize("wrong", ["manager/other/", "x", "<script>", "employee/rehab/in-place"])
async def test_what_is_not_held_shows_all(several: Browser, wrong: str) -> None:
    await choose(several, "employee/rehab/")
    text = await choose(several, wrong)
    assert selected(text) == []
    assert [one.assignment for one in several.sessions._sessions.values()] == [""]
    assert "/units/heart" in links(text)


async def test_an_assignment_that_ended_shows_all(several: Browser) -> None:
    await choose(several, "deputy/lungs/in-place")
    several.authenticator.assignments = frozenset({MANAGER, EMPLOYEE})
    text = await start(several)
    assert selected(text) == []
    assert {"/units/heart", "/units/rehab"} <= set(links(text))


@pytest.mark.parametrize("back", ELSEWHERE)
async def test_choosing_leads_to_the_portal_only(several: Browser, back: str) -> None:
    answer = await several.post("/assignment", assignment="", back=back)
    assert answer.headers["location"] == "/start"


async def test_another_sites_page_chooses_nothing(several: Browser) -> None:
    form = {"assignment": "employee/rehab/"}
    elsewhere = {"sec-fetch-site": "cross-site"}
    answer = await several.request("POST", "/assignment", data=form, headers=elsewhere)
    assert answer.status_code == 403
    assert selected(await start(several)) == []


async def test_a_units_name_is_text(several: Browser) -> None:
    fill(several.services, "<script>alert(1)</script>")
    assert "<script>alert" not in await start(several)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_names_are_asked_again_after_a_while() -> None:
    services, clock = FakeServices(), Clock()
    services.answers["workflow", "/units/rehab"] = answers.unit("Rehab")
    names = UnitNames(services, clock)
    for _ in range(3):
        assert await names.of("token", ["rehab"]) == {"rehab": "Rehab"}
    assert len(services.asked) == 1
    services.answers["workflow", "/units/rehab"] = answers.unit("Rehab 2")
    clock.now = 601
    assert await names.of("token", ["rehab"]) == {"rehab": "Rehab 2"}


async def test_without_workflow_a_unit_keeps_the_name_that_is_known() -> None:
    services, clock = FakeServices(away={"workflow"}), Clock()
    names = UnitNames(services, clock)
    assert await names.of("token", ["rehab"]) == {"rehab": "rehab"}
    services.away = set()
    services.answers["workflow", "/units/rehab"] = answers.unit("Rehab")
    assert await names.of("token", ["rehab"]) == {"rehab": "rehab"}, "not asked at each page"
    clock.now = 16
    assert await names.of("token", ["rehab"]) == {"rehab": "Rehab"}
    services.refusals["workflow", "/units/rehab"] = ServiceRefused(404, "not-found", "")
    clock.now = 700
    assert await names.of("token", ["rehab"]) == {"rehab": "Rehab"}


async def test_no_page_waits_long_for_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(FakeServices):
        async def get(self, *_: str, **__: str) -> dict[str, str]:
            await asyncio.sleep(60)
            raise AssertionError

    monkeypatch.setattr("portal_service.application.unit_names._ASKED_SECONDS", 0.01)
    services: Services = Slow()
    assert await UnitNames(services).of("token", ["rehab"]) == {"rehab": "rehab"}


async def start(browser: Browser) -> str:
    return (await browser.get("/start")).text


def links(text: str) -> list[str]:
    return re.findall(r'<a [^>]*href="([^"]*)"', text)
