"""What happened in a rollout: all of it, by whom and with what; also while somebody typed."""

import re
from typing import Any

from portal_service.application.ports import ServiceRefused
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser
from unit.portal.test_pages import Page, shown

HISTORY = ("workflow", f"/rollouts/{ID}/history")
PATH = f"/rollouts/{ID}/actions/reject_decision"


def happened(browser: Browser, *lines: dict[str, Any], total: int | None = None) -> None:
    found = [answers.transition("") | {"reason": None} | line for line in lines]
    browser.services.answers[HISTORY] = answers.page(*found, total=total) | {"limit": 20}


async def test_the_history_has_pages(signed_in: Browser) -> None:
    happened(signed_in, {"version": 30}, total=41)
    text = await shown(signed_in, Page(f"/rollouts/{ID}"))
    assert "Sida 1 av 3" in text
    assert 'rel="next" href="?page=2#history"' in text
    text = await shown(signed_in, Page(f"/rollouts/{ID}?days=year&page=1"))
    assert 'rel="next" href="?days=year&amp;page=2#history"' in text
    await shown(signed_in, Page(f"/rollouts/{ID}?page=2"))
    assert (*HISTORY, {"limit": "20", "page": "2"}) in signed_in.services.asked


async def test_a_line_says_who_did_it_and_with_what(signed_in: Browser) -> None:
    recorded = {
        "wave": 0,
        "kind": "risk_assessment",
        "reference": "RV 17",
        "recorded_on": "2026-09-01",
    }
    proposed = {
        "decision_id": answers.OTHER_ID,
        "outcome": "stop",
        "drop_prerequisites": False,
        "wave_size": None,
    }
    happened(
        signed_in,
        {"action": "record_prerequisite", "by": "account-2", "detail": recorded},
        {"action": "extend_pilot", "by": "account-1", "detail": {"duration": "P14D"}},
        {"action": "start_wave", "by": "workflow", "detail": {"wave": 2}},
        {"action": "propose_decision", "detail": proposed},
        {"action": "plan_waves", "detail": {"drop_prerequisites": True}},
        {"action": "create", "detail": {"units": 2, "pilot_unit_ids": ["rehab", "heart"]}},
    )
    text = " ".join((await shown(signed_in, Page(f"/rollouts/{ID}"))).split())
    assert "(<code>account-2</code>)" in text
    assert "<br>Våg (0 är piloten): 0<br>Slag: Riskbedömning<br>" in text
    assert "<br>Hänvisning: RV 17<br>Daterad: 1 september 2026" in text
    assert "(du) </span>" in text or "(du)</span>" in text
    assert "14 dagar" in text
    assert "(plattformen själv)" in text
    assert answers.OTHER_ID not in text
    assert "Enheter per våg" not in text
    assert "rehab, heart" in text
    assert re.search("Godta att [^<]*: ja", text)


async def test_who_was_slower_sees_what_happened_and_keeps_what_they_typed(
    signed_in: Browser,
) -> None:
    refusal = ServiceRefused(409, "stale-version", "x")
    path = f"/rollouts/{ID}/actions/reject-decision"
    signed_in.services.refused_when_sent["workflow", path] = refusal
    rollout = answers.rollout() | {"version": 6}
    signed_in.services.answers["workflow", f"/rollouts/{ID}"] = rollout
    happened(
        signed_in,
        {"version": 7, "reason": "After the page was made"},
        {"version": 6, "action": "pause", "reason": "Holidays"},
        {"version": 5, "action": "evaluate_gate", "reason": "Anew"},
        {"version": 4, "reason": "Seen already"},
    )
    answer = await signed_in.post(PATH, reason="Too early", version="4")
    assert answer.status_code == 409
    for text in ("Holidays", "Anew", "Too early", 'name="version" value="6"'):
        assert text in answer.text
    assert "Seen already" not in answer.text
    assert "After the page was made" not in answer.text, "its version is not the one that is sent"
    (sent,) = signed_in.services.sent
    assert sent[2]["expected_version"] == 4


async def test_other_refusals_say_nothing_of_what_happened(signed_in: Browser) -> None:
    refusal = ServiceRefused(409, "four-eyes", "x")
    path = f"/rollouts/{ID}/actions/reject-decision"
    signed_in.services.refused_when_sent["workflow", path] = refusal
    answer = await signed_in.post(PATH, reason="Too early", version="3")
    assert 'id="since"' not in answer.text
