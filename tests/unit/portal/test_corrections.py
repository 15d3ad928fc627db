"""Correcting and withdrawing what a unit recorded."""

import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser

MEETING, ACTION = f"/units/rehab/meetings/{ID}", f"/units/rehab/actions/{ID}"
KEY = "0b9f2f1e-8d0a-4c57-9d0e-5a1f0c6b7e21"
HELD = {"held_on": "2026-09-02", "headcount": "7", "variant": "60"}
CHOSEN = {"behaviour": "creativity", "text": "Ask", "check_back_on": "2026-11-01"}
WHY = {"rollout_id": ID, "sent": KEY, "reason": " Wrong day "}


@pytest.mark.parametrize(
    ("path", "form", "asked", "body"),
    [
        (
            f"{MEETING}/correct",
            HELD,
            f"/meetings/{ID}/correct",
            {**HELD, "headcount": 7, "assignment_id": None},
        ),
        (f"{MEETING}/withdraw", {}, f"/meetings/{ID}/withdraw", {}),
        (f"{ACTION}/correct", CHOSEN, f"/actions/{ID}/correct", CHOSEN),
        (f"{ACTION}/withdraw", {}, f"/actions/{ID}/withdraw", {}),
        (f"{ACTION}/withdraw-check-back", {}, f"/actions/{ID}/check-back/withdraw", {}),
    ],
)
async def test_a_change_is_sent_with_its_reason(
    signed_in: Browser, path: str, form: dict[str, str], asked: str, body: dict[str, object]
) -> None:
    answer = await signed_in.post(path, **WHY, **form)
    assert answer.headers["location"] == f"/units/rehab?rollout={ID}#changes"
    sent = ("content", asked, {**body, "reason": "Wrong day"}, KEY)
    assert signed_in.services.sent == [sent]


async def test_the_module_of_a_meeting_is_kept(signed_in: Browser) -> None:
    answers_ = signed_in.services.answers["content", "/units/rehab/progress"]
    answers_["meetings"][0]["assignment_id"] = ID
    text = (await signed_in.get(f"{MEETING}?rollout={ID}")).text
    assert f'<option value="{ID}" selected>' in text
    await signed_in.post(f"{MEETING}/correct", **WHY, **HELD, assignment_id=answers.OTHER_ID)
    [(_, _, body, _)] = signed_in.services.sent
    assert body["assignment_id"] == answers.OTHER_ID


async def test_a_refused_correction_keeps_what_was_typed(signed_in: Browser) -> None:
    refusal = ServiceRefused(422, "headcount-too-large", "x")
    signed_in.services.refusals["content", f"/meetings/{ID}/correct"] = refusal
    answer = await signed_in.post(f"{MEETING}/correct", **WHY, **{**HELD, "headcount": "99"})
    assert answer.status_code == 422
    assert "Fler personer än enheten har" in answer.text
    assert 'name="headcount" min="1" max="10000" value="99"' in answer.text
    assert answer.text.count(" Wrong day </textarea>") == 1


@pytest.mark.parametrize("headcount", ["", "x", "9" * 400])
async def test_a_headcount_that_is_none_is_the_services_to_refuse(
    signed_in: Browser, headcount: str
) -> None:
    await signed_in.post(f"{MEETING}/correct", **WHY, **{**HELD, "headcount": headcount})
    [(_, _, body, _)] = signed_in.services.sent
    assert body["headcount"] == 0


async def test_what_is_withdrawn_is_not_changed_again(signed_in: Browser) -> None:
    progress = signed_in.services.answers["content", "/units/rehab/progress"]
    progress["meetings"] = progress["meetings"][1:]
    text = (await signed_in.get(f"{MEETING}?rollout={ID}")).text
    assert "Återtagen" in text
    assert "/correct" not in text


@pytest.mark.parametrize(
    "path",
    [
        f"/units/rehab/meetings/{answers.OTHER_ID}?rollout={ID}",
        f"/units/rehab/meetings/1?rollout={ID}",
        f"/units/rehab/others/{ID}?rollout={ID}",
        MEETING,
    ],
)
async def test_a_record_that_is_not_there(signed_in: Browser, path: str) -> None:
    assert (await signed_in.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("assignment", "may"),
    [
        (Assignment("manager", "rehab"), True),
        (Assignment("deputy", "rehab", standing_for="account-2"), True),
        (Assignment("manager", "region", below=True), True),
        (Assignment("administrator", EVERY_UNIT), True),
        (Assignment("manager", "region"), False),
        (Assignment("employee", "rehab"), False),
        (Assignment("auditor", EVERY_UNIT), False),
    ],
)
async def test_corrections_are_offered_to_those_who_may(
    signed_in: Browser, assignment: Assignment, may: bool
) -> None:
    signed_in.authenticator.assignments = frozenset({assignment})
    unit = (await signed_in.get(f"/units/rehab?rollout={ID}")).text
    record = (await signed_in.get(f"{MEETING}?rollout={ID}")).text
    assert (f'href="{MEETING}?rollout={ID}"' in unit) is may
    assert (f'action="{MEETING}/withdraw"' in record) is may
    assert 'id="changes"' in unit, "everybody sees what was changed"


async def test_without_the_history_the_record_is_shown(signed_in: Browser) -> None:
    del signed_in.services.answers["content", "/units/rehab/changes"]
    assert (await signed_in.get(f"{MEETING}?rollout={ID}")).status_code == 200
    assert (await signed_in.get(f"/units/rehab?rollout={ID}")).status_code == 200
