"""Planning a change of units by way of its preview, and taking one back."""

import re
from html import unescape
from typing import Any

import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal.answers import ID
from unit.portal.portal import Browser

WHEN = {"effective_on": "2026-10-01", "reason": "They share staff"}
TYPED: dict[str, dict[str, str]] = {
    "rename": {"unit_id": "rehab", "name": "Rehab <1>"},
    "move": {"unit_id": "rehab", "parent_id": "heart"},
    "merge": {"unit_ids": "rehab-2,\nrehab-3\n", "into": "rehab", "new_name": ""},
    "split": {"unit_id": "rehab", "new_units": "rehab-2; Rehab, syd; 8\nrehab-3, Norr, many\n"},
    "dissolve": {"unit_id": "rehab"},
}
CHANGES: dict[str, dict[str, Any]] = {
    "rename": TYPED["rename"],
    "move": TYPED["move"],
    "merge": {"unit_ids": ["rehab-2", "rehab-3"], "into": "rehab"},
    "split": {
        "unit_id": "rehab",
        "new_units": [
            {"unit_id": "rehab-2", "name": "Rehab, syd", "headcount": 8},
            {"unit_id": "rehab-3", "name": "Norr", "headcount": "many"},
        ],
    },
    "dissolve": TYPED["dissolve"],
}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
DRY_RUN = ("workflow", "/unit-changes?dry_run=true")


async def test_a_units_page_leads_to_each_change_at_its_end(signed_in: Browser) -> None:
    text = (await signed_in.get("/units/rehab")).text
    places = [text.index(f"/unit-changes/new/{kind}?unit_id=rehab") for kind in CHANGES]
    assert min(places) > text.index('id="results"')


@pytest.mark.parametrize("kind", TYPED)
async def test_a_change_is_planned_by_way_of_its_preview(signed_in: Browser, kind: str) -> None:
    path = f"/unit-changes/new/{kind}"
    preview = await signed_in.post(path, **TYPED[kind], **WHEN)
    body = {"change": {"kind": kind, **CHANGES[kind]}, **WHEN}
    assert signed_in.services.sent == [(*DRY_RUN, body, "")]
    assert "Det här är en förhandsvisning" in preview.text
    assert "en omgång är öppen" in preview.text
    hidden = dict(HIDDEN.findall(preview.text))
    kept = {name: unescape(hidden[name]) for name in hidden.keys() - {"sent", "back"}}
    assert kept == {**TYPED[kind], **WHEN}
    again = await signed_in.post(path, **kept, step="edit")
    assert 'value="2026-10-01"' in again.text
    answer = await signed_in.post(path, **kept, step="plan", sent=ID)
    assert answer.headers["location"] == "/unit-changes"
    assert signed_in.services.sent[1:] == [("workflow", "/unit-changes", body, ID)]


@pytest.mark.parametrize(
    ("pointer", "field"),
    [
        ("/body/change/unit_ids/0", "unit_ids"),
        ("/body/change/merge/into", "into"),
        ("/body/effective_on", "effective_on"),
    ],
)
async def test_a_refused_change_names_its_fields(
    signed_in: Browser, pointer: str, field: str
) -> None:
    detail = "Unit rehab-2 has units below it (a, b). Move or end them first."
    errors = [{"pointer": pointer, "detail": detail}]
    refusal = ServiceRefused(409, "unit-change-impossible", "x", errors)
    signed_in.services.refusals[DRY_RUN] = refusal
    answer = await signed_in.post("/unit-changes/new/merge", **TYPED["merge"], **WHEN)
    assert answer.status_code == 409
    assert f'<a class="ds-link" href="#{field}">' in answer.text
    assert "Den har enheter under sig: a, b. Flytta eller avsluta dem först." in answer.text
    assert 'value="They share staff"' in answer.text


async def test_what_is_empty_is_asked_for(signed_in: Browser) -> None:
    answer = await signed_in.post("/unit-changes/new/move", unit_id="rehab", effective_on="soon")
    assert answer.status_code == 422
    for field in ("parent_id", "effective_on", "reason"):
        assert f'<a class="ds-link" href="#{field}">' in answer.text
    assert signed_in.services.sent == []


async def test_a_planned_change_is_cancelled(signed_in: Browser) -> None:
    text = (await signed_in.get("/unit-changes")).text
    assert text.count("/cancel") == 2, "those that are planned"
    assert "English for programs" not in text
    assert "Inget ändrades: planera en ny" in text
    path = f"/unit-changes/{ID}/cancel"
    answer = await signed_in.post(path, sent=ID)
    assert answer.headers["location"] == "/unit-changes"
    assert signed_in.services.sent == [("workflow", path, {}, ID)]
    refusal = ServiceRefused(409, "unit-change-settled", "x")
    signed_in.services.refusals["workflow", path] = refusal
    late = await signed_in.post(path)
    assert late.status_code == 409
    assert "Ändringen är redan genomförd eller återkallad" in late.text


async def test_a_units_page_leads_to_its_changes(signed_in: Browser) -> None:
    text = (await signed_in.get("/units/rehab")).text
    assert 'href="/unit-changes/new/move?unit_id=rehab"' in text
    form = (await signed_in.get("/unit-changes/new/move?unit_id=rehab")).text
    assert 'name="unit_id" value="rehab"' in form


@pytest.mark.parametrize("path", ["/unit-changes", "/unit-changes/new/rename"])
async def test_only_administrators_of_the_region_change_units(
    signed_in: Browser, path: str
) -> None:
    for held in (Assignment("auditor", EVERY_UNIT), Assignment("administrator", "heart")):
        signed_in.authenticator.assignments = frozenset({held})
        assert (await signed_in.get(path)).status_code == 403
        answer = await signed_in.post("/unit-changes/new/rename", **TYPED["rename"], **WHEN)
        assert answer.status_code == 403
    assert signed_in.services.sent == []
