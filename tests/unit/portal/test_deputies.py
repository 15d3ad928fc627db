"""Letting somebody stand in, and ending it."""

import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser

TYPED = {
    "post": "deputy rehab",
    "delegate": " stand.in@example.se ",
    "valid_from": "",
    "valid_to": "2026-12-24",
    "reason": "Leave <1>",
}


async def test_a_deputy_is_appointed(signed_in: Browser) -> None:
    answer = await signed_in.post("/deputies", **TYPED, sent=ID)
    assert answer.headers["location"] == "/deputies"
    body = {
        "role": "deputy",
        "unit_id": "rehab",
        "delegate": "stand.in@example.se",
        "valid_from": None,
        "valid_to": "2026-12-24",
        "reason": "Leave <1>",
    }
    assert signed_in.services.sent == [("people", "/delegations", body, ID)]


@pytest.mark.parametrize(
    ("status", "code", "text"),
    [
        (422, "delegate-unknown", "Ingen är registrerad med detta id"),
        (409, "role-not-held", "Du kan bara företrädas i en roll"),
        (422, "delegation-invalid", "se över vem, var och vilka dagar"),
    ],
)
async def test_a_refused_deputy_keeps_what_was_typed(
    signed_in: Browser, status: int, code: str, text: str
) -> None:
    refusal = ServiceRefused(
        status, code, "x", [{"pointer": "/valid_to", "detail": "For programs"}]
    )
    signed_in.services.refusals["people", "/delegations"] = refusal
    get = signed_in.services.get

    async def read(token: str, service: str, path: str, **query: str) -> dict[str, object]:
        if path == "/delegations":
            return answers.page(answers.delegation())
        return await get(token, service, path, **query)

    signed_in.services.get = read  # type: ignore[method-assign]
    answer = await signed_in.post("/deputies", **TYPED)
    assert answer.status_code == status
    assert text in answer.text
    assert '<a class="ds-link" href="#valid_to">' in answer.text
    assert 'value="Leave &lt;1&gt;"' in answer.text
    assert "For programs" not in answer.text


async def test_what_has_ended_already_is_said(signed_in: Browser) -> None:
    refusal = ServiceRefused(409, "delegation-over", "x")
    signed_in.services.refusals["people", f"/delegations/{ID}/end"] = refusal
    answer = await signed_in.post(f"/deputies/{ID}/end", reason="Back")
    assert answer.status_code == 409
    assert "Det har redan upphört" in answer.text


async def test_a_deputy_is_ended(signed_in: Browser) -> None:
    answer = await signed_in.post(f"/deputies/{ID}/end", reason=" Back ", sent=ID)
    assert answer.headers["location"] == "/deputies"
    sent = ("people", f"/delegations/{ID}/end", {"reason": "Back"}, ID)
    assert signed_in.services.sent == [sent]


async def test_names_are_shown_where_they_are_told(signed_in: Browser) -> None:
    text = (await signed_in.get("/deputies")).text
    assert "p-0002 för Rehab" in text, "a name, or the id of whose name is not shown"


async def test_who_stands_in_cannot_pass_it_on(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset(
        {
            Assignment("deputy", "rehab", standing_for="a"),
            Assignment("approver", EVERY_UNIT, standing_for="a"),
        }
    )
    text = (await signed_in.get("/deputies")).text
    assert 'id="appoint"' not in text
    assert f'action="/deputies/{ID}/end"' in text


async def test_every_page_says_that_one_acts_in_anothers_place(signed_in: Browser) -> None:
    said = "även i någon annans ställe"
    assert said not in (await signed_in.get("/about/cookies")).text
    signed_in.authenticator.assignments = frozenset(
        {Assignment("manager", "heart"), Assignment("deputy", "rehab", standing_for="account-2")}
    )
    assert said in (await signed_in.get("/about/cookies")).text
    assert "ställföreträdare (Rehab) i någon annans ställe" in (await signed_in.get("/start")).text


async def test_who_stands_in_for_nobody_is_not_led_there(signed_in: Browser) -> None:
    assert 'href="/deputies"' in (await signed_in.get("/start")).text
    signed_in.authenticator.assignments = frozenset({Assignment("employee", "rehab")})
    assert 'href="/deputies"' not in (await signed_in.get("/start")).text
    coming = await signed_in.get("/deputies")
    assert coming.status_code == 200, "somebody will stand in later, and may look"
    signed_in.services.answers["people", "/delegations"] = answers.page()
    assert (await signed_in.get("/deputies")).status_code == 403
