"""Rounds as administrators keep them: listed, closed, extended, written off."""

import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser

ROUND = f"/rounds/{ID}"
LIST = f"/rounds?rollout_id={ID}"


async def test_rounds_of_a_rollout_are_listed_by_status(signed_in: Browser) -> None:
    text = (await signed_in.get(f"{LIST}&status=open&unit_id=rehab&page=2")).text
    asked = {"page": "2", "limit": "50", "unit_id": "rehab", "rollout_id": ID, "status": "open"}
    assert ("assessment", "/rounds", asked) in signed_in.services.asked
    assert f'href="{ROUND}/extend"' in text
    assert f'href="{ROUND}/close"' in text
    assert f'href="{ROUND}/write-off"' not in text, "it is open"
    await signed_in.get("/rounds?status=nonsense")
    assert signed_in.services.asked[-1][2] == {"page": "1", "limit": "50"}


async def test_a_closed_round_can_only_be_written_off(signed_in: Browser) -> None:
    closed = {**answers.round_summary(), "status": "closed", "closed_at": answers.LATER}
    signed_in.services.answers["assessment", "/rounds"] = answers.page(closed)
    text = (await signed_in.get(LIST)).text
    assert f'href="{ROUND}/write-off"' in text
    assert f'href="{ROUND}/close"' not in text
    assert "1 oktober 2026" in text, "when it closed, not when it should have"


async def test_closing_is_asked_for_twice(signed_in: Browser) -> None:
    asked = (await signed_in.get(f"{ROUND}/close")).text
    assert "Det här går inte att ta tillbaka" in asked
    assert signed_in.services.sent == []
    answer = await signed_in.post(f"{ROUND}/close", sent=ID)
    assert answer.headers["location"] == LIST
    assert signed_in.services.sent == [("assessment", f"{ROUND}/close", {}, ID)]


async def test_a_round_is_extended_in_swedish_time(signed_in: Browser) -> None:
    form = (await signed_in.get(f"{ROUND}/extend")).text
    assert 'type="datetime-local" id="closes_at" name="closes_at" value="2026-09-01T10:00"' in form
    typed = {"closes_at": "2026-12-01T15:30", "reason_without_names": "Many were on leave"}
    answer = await signed_in.post(f"{ROUND}/extend", **typed, sent=ID)
    assert answer.headers["location"] == LIST
    body = {"closes_at": "2026-12-01T15:30:00+01:00", "reason": "Many were on leave"}
    assert signed_in.services.sent == [("assessment", f"{ROUND}/extend", body, ID)]


@pytest.mark.parametrize("closes_at", ["", "2026-12-01", "tomorrow", "2026-12-01T15:30Z"])
async def test_a_time_that_is_none_is_asked_for_again(signed_in: Browser, closes_at: str) -> None:
    typed = {"closes_at": closes_at, "reason_without_names": "Kept"}
    answer = await signed_in.post(f"{ROUND}/extend", **typed)
    assert answer.status_code == 422
    assert '<a class="ds-link" href="#closes_at">' in answer.text
    assert ">\nKept</textarea>" in answer.text
    assert signed_in.services.sent == []


async def test_a_refused_write_off_says_why(signed_in: Browser) -> None:
    path = f"{ROUND}/write-off"
    signed_in.services.refusals["assessment", path] = ServiceRefused(409, "round-readable", "x")
    answer = await signed_in.post(path, reason_without_names="The keys <1>")
    assert answer.status_code == 409
    assert "Omgången går att läsa" in answer.text
    assert ">\nThe keys &lt;1&gt;</textarea>" in answer.text


async def test_others_do_not_keep_rounds(signed_in: Browser) -> None:
    for held in (Assignment("manager", "rehab"), Assignment("auditor", EVERY_UNIT)):
        signed_in.authenticator.assignments = frozenset({held})
        for path in (LIST, f"{ROUND}/close", f"{ROUND}/extend", f"{ROUND}/write-off"):
            assert (await signed_in.get(path)).status_code == 403
        assert "/rounds?" not in (await signed_in.get("/units/rehab")).text
