"""Recording what a unit does: what is refused comes back on the unit's page, as it was typed."""

import pytest

from portal_service.application.ports import ServiceRefused
from portal_service.domain.texts import REASONS
from unit.portal.answers import ID, OTHER_ID
from unit.portal.portal import Browser
from unit.portal.test_error_pages import in_language

MEETING = {"rollout_id": ID, "held_on": "2026-03-02", "headcount": "41", "variant": "60"}
ACTION = {
    "rollout_id": ID,
    "behaviour": "creativity",
    "text": "Ett <nytt> förslag",
    "check_back_on": "2026-05-06",
}
FORMS = [
    ("/meetings", "/meetings", MEETING),
    ("/actions", "/actions", ACTION),
    (f"/actions/{ID}/check-back", f"/actions/{ID}/check-back", {"rollout_id": ID}),
    (f"/modules/{OTHER_ID}", f"/assignments/{OTHER_ID}/items/a", {"rollout_id": ID, "item": "a"}),
]


@pytest.mark.parametrize(("path", "asked", "typed"), FORMS)
async def test_a_refusal_is_on_the_units_page(
    signed_in: Browser, path: str, asked: str, typed: dict[str, str]
) -> None:
    refusal = ServiceRefused(409, "round-closed", "x")
    signed_in.services.refused_when_sent["content", asked] = refusal
    answer = await signed_in.post(f"/units/rehab{path}", **typed)
    assert answer.status_code == 409
    assert in_language(REASONS["round-closed"], "sv") in answer.text
    assert 'id="journey"' in answer.text
    assert f'name="back" value="/units/rehab?rollout={ID}"' in answer.text


async def test_a_meetings_fields_come_back(signed_in: Browser) -> None:
    errors = [{"pointer": "/body/headcount", "detail": "x"}]
    refusal = ServiceRefused(422, "invalid-request", "x", errors)
    signed_in.services.refused_when_sent["content", "/meetings"] = refusal
    text = (await signed_in.post("/units/rehab/meetings", **MEETING)).text
    for field in ('name="held_on" value="2026-03-02"', 'value="41"', '<option value="60" selected'):
        assert field in text
    assert '<a class="ds-link" href="#headcount">Hur många deltog</a>' in text


async def test_an_actions_fields_come_back(signed_in: Browser) -> None:
    refusal = ServiceRefused(422, "invalid-request", "x")
    signed_in.services.refused_when_sent["content", "/actions"] = refusal
    text = (await signed_in.post("/units/rehab/actions", **ACTION)).text
    for field in (
        '<option value="creativity" selected',
        "Ett &lt;nytt&gt; förslag</textarea>",
        'name="check_back_on" value="2026-05-06"',
    ):
        assert field in text


async def test_the_note_of_a_check_back_comes_back(signed_in: Browser) -> None:
    note = {"pointer": "/body/note", "detail": "x"}
    refusal = ServiceRefused(422, "invalid-request", "x", [note])
    signed_in.services.refused_when_sent["content", f"/actions/{ID}/check-back"] = refusal
    path = f"/units/rehab/actions/{ID}/check-back"
    text = (await signed_in.post(path, rollout_id=ID, note="Det <gick>", outcome="kept")).text
    assert f'id="note-{ID}" name="note" maxlength="300" value="Det &lt;gick&gt;"' in text
    assert f'<a class="ds-link" href="#note-{ID}">Hur det gick' in text


@pytest.mark.parametrize("headcount", ["", "many", "9" * 5_000, "-1", "²"])
async def test_a_field_that_cannot_be_read_is_for_the_service_to_refuse(
    signed_in: Browser, headcount: str
) -> None:
    typed = {**MEETING, "headcount": headcount, "held_on": ""}
    assert (await signed_in.post("/units/rehab/meetings", **typed)).status_code == 303
    [(_, _, body, _)] = signed_in.services.sent
    assert (body["headcount"], body["held_on"]) == (0, ""), "both are refused there"
