"""A unit's modules on its page."""

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers, library_answers
from unit.portal.answers import ID
from unit.portal.portal import Browser

UNIT = f"/units/rehab?rollout={ID}"
MODULE = f"/units/rehab/modules/{ID}"
VERSION = ("content", "/modules/start/versions/1")


async def test_a_module_says_how_much_is_done(signed_in: Browser) -> None:
    module = library_answers.module("Rehab", 1)
    module["items"][1]["title"] = {"sv": "Träff", "en": "Meeting"}
    signed_in.services.answers[VERSION] = {**module, "title": {"sv": "Börja", "en": "Begin"}}
    text = (await signed_in.get(UNIT)).text
    assert '<a class="ds-link" href="/modules/start/versions/1">Börja</a>' in text
    assert "1 av 2 delar är klara" in text
    assert "Rehab: Utelämnad (" in text
    assert "Träff: Inte påbörjad" in text
    assert text.count('name="item"') == 1
    assert 'name="item" value="kit"' in text
    assert '<span class="ds-sr-only">: Börja</span></a>' in text
    brief = (await signed_in.get(f"/units/rehab/brief?rollout={ID}")).text
    assert "Börja: 1 av 2 delar är klara" in brief


async def test_a_module_that_is_not_known_is_called_by_its_id(signed_in: Browser) -> None:
    del signed_in.services.answers[VERSION]
    text = (await signed_in.get(UNIT)).text
    assert 'href="/modules/start/versions/1">start</a>' in text
    assert "kit: " in text


async def test_a_completed_module_has_no_form(signed_in: Browser) -> None:
    done = {**answers.assignment(), "completed": True}
    progress = {**answers.progress(), "assignments": [done]}
    path = ("content", "/units/rehab/progress")
    assert f'action="{MODULE}"' in (await signed_in.get(UNIT)).text
    signed_in.services.answers[path] = progress
    assert f'action="{MODULE}"' not in (await signed_in.get(UNIT)).text


async def test_who_may_not_record_marks_nothing(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment("auditor", EVERY_UNIT)})
    text = (await signed_in.get(UNIT)).text
    assert 'id="modules"' in text
    assert 'name="item"' not in text


async def test_a_part_is_marked_as_done(signed_in: Browser) -> None:
    answer = await signed_in.post(MODULE, rollout_id=ID, item="kit")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{UNIT}#modules")
    path = f"/assignments/{ID}/items/kit"
    assert signed_in.services.sent == [("content", path, {"status": "done"}, "")]


async def test_a_refusal_says_why(signed_in: Browser) -> None:
    refusal = ServiceRefused(409, "assignment-completed", "English for programs")
    path = ("content", f"/assignments/{ID}/items/kit")
    signed_in.services.refused_when_sent[path] = refusal
    answer = await signed_in.post(MODULE, rollout_id=ID, item="kit")
    assert answer.status_code == 409
    assert "Modulen är redan klar" in answer.text


async def test_a_part_is_named_by_an_id(signed_in: Browser) -> None:
    answer = await signed_in.post(MODULE, rollout_id=ID, item="../kit")
    assert answer.status_code == 422
    assert signed_in.services.sent == []
