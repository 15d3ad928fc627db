"""Giving units modules, leaving a part out, and what a meeting and a check-back are about."""

import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal.answers import ID
from unit.portal.portal import Browser

ASSIGN = f"/rollouts/{ID}/modules"
GIVEN = {"units": "rehab, ward\n", "module-start": "yes"}
WAIVE = f"/units/rehab/modules/{ID}/waive?rollout={ID}"
BODY = {"rollout_id": ID, "unit_ids": ["rehab", "ward"], "module_ids": ["start"]}


async def test_modules_are_given_by_way_of_a_preview(signed_in: Browser) -> None:
    preview = await signed_in.post(ASSIGN, **GIVEN, step="preview")
    assert "<code>ward</code>" in preview.text
    assert 'name="module-start" value="yes"' in preview.text
    assert signed_in.services.sent == []
    back = await signed_in.post(ASSIGN, **GIVEN, step="edit")
    assert 'name="module-start" value="yes" checked' in back.text
    answer = await signed_in.post(ASSIGN, **GIVEN, step="give", sent=ID)
    assert answer.headers["location"] == f"/rollouts/{ID}"
    assert signed_in.services.sent == [("content", "/assignments", BODY, ID)]


async def test_one_units_modules_are_shown_there(signed_in: Browser) -> None:
    answer = await signed_in.post(ASSIGN, **{**GIVEN, "units": "rehab"}, step="give")
    assert answer.headers["location"] == f"/units/rehab?rollout={ID}#modules"


async def test_the_units_of_a_wave_are_filled_in(signed_in: Browser) -> None:
    text = (await signed_in.get(f"{ASSIGN}?wave=1")).text
    assert ("workflow", f"/rollouts/{ID}/board", {"wave": "1"}) in signed_in.services.asked
    assert ">\nrehab</textarea>" in text


@pytest.mark.parametrize("typed", [{}, {"units": "rehab"}, {"module-start": "yes"}])
async def test_nothing_is_given_without_units_and_modules(
    signed_in: Browser, typed: dict[str, str]
) -> None:
    for step in ("preview", "give"):
        answer = await signed_in.post(ASSIGN, **typed, step=step)
        assert answer.status_code == 422
        assert ('href="#units"' in answer.text) == ("units" not in typed)
        assert ('href="#modules"' in answer.text) == ("module-start" not in typed)
    assert signed_in.services.sent == []


async def test_a_unit_that_is_refused_is_named(signed_in: Browser) -> None:
    errors = [{"pointer": "/body/unit_ids/1", "detail": "There is no unit ward."}]
    refusal = ServiceRefused(422, "unit-unknown", "x", errors)
    signed_in.services.refusals["content", "/assignments"] = refusal
    answer = await signed_in.post(ASSIGN, **GIVEN, step="give")
    assert answer.status_code == 422
    assert '<a class="ds-link" href="#units">ward: ' in answer.text
    assert ">\nrehab, ward" in answer.text


async def test_only_administrators_give_modules(signed_in: Browser) -> None:
    for held in (Assignment("manager", "rehab"), Assignment("auditor", EVERY_UNIT)):
        signed_in.authenticator.assignments = frozenset({held})
        assert (await signed_in.get(ASSIGN)).status_code == 403
        assert (await signed_in.post(ASSIGN, **GIVEN, step="give")).status_code == 403
        assert ASSIGN not in (await signed_in.get(f"/units/rehab?rollout={ID}")).text
    assert signed_in.services.sent == []
    signed_in.authenticator.assignments = frozenset({Assignment("administrator", "heart")})
    assert ASSIGN in (await signed_in.get(f"/units/rehab?rollout={ID}")).text


async def test_a_part_is_left_out_with_a_reason(signed_in: Browser) -> None:
    assert WAIVE in (await signed_in.get(f"/units/rehab?rollout={ID}")).text
    form = (await signed_in.get(WAIVE)).text
    assert '<option value="kit">' in form
    assert '<option value="see">' not in form, "it is left out already"
    typed = {"item": "kit", "reason_without_names": " Done at another unit "}
    answer = await signed_in.post(WAIVE, **typed)
    assert answer.headers["location"] == f"/units/rehab?rollout={ID}#modules"
    body = {"status": "waived", "reason": "Done at another unit"}
    assert signed_in.services.sent == [("content", f"/assignments/{ID}/items/kit", body, "")]


async def test_a_part_that_cannot_be_left_out(signed_in: Browser) -> None:
    path = f"/assignments/{ID}/items/kit"
    signed_in.services.refusals["content", path] = ServiceRefused(409, "assignment-completed", "x")
    answer = await signed_in.post(WAIVE, item="kit", reason_without_names="Because")
    assert answer.status_code == 409
    assert 'value="Because"' in answer.text
    empty = await signed_in.post(WAIVE, item="kit", reason_without_names=" ")
    assert empty.status_code == 422
    assert (await signed_in.post(WAIVE, item="see", reason_without_names="x")).status_code == 404
    assert (await signed_in.get(WAIVE.replace(ID, "0" + ID[1:], 1))).status_code == 404


async def test_a_meeting_names_its_module(signed_in: Browser) -> None:
    meeting = {"rollout_id": ID, "held_on": "2026-09-01", "headcount": "9", "variant": "30"}
    await signed_in.post("/units/rehab/meetings", **meeting, assignment_id=ID)
    await signed_in.post("/units/rehab/meetings", **meeting, assignment_id="")
    assert [body["assignment_id"] for _, _, body, _ in signed_in.services.sent] == [ID, None]
    form = (await signed_in.get(f"/units/rehab?rollout={ID}")).text
    assert f'<option value="{ID}">Rehab</option>' in form


async def test_a_check_back_has_a_note(signed_in: Browser) -> None:
    path = f"/units/rehab/actions/{ID}/check-back"
    await signed_in.post(path, rollout_id=ID, outcome="kept", note=" It went well ")
    await signed_in.post(path, rollout_id=ID, outcome="kept", note="")
    notes = [body["note"] for _, _, body, _ in signed_in.services.sent]
    assert notes == ["It went well", None]
    assert 'name="note"' in (await signed_in.get(f"/units/rehab?rollout={ID}")).text
