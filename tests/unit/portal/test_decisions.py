"""What is decided is shown where somebody decides it, and how far it is."""

import re
from typing import Any

import pytest

from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser
from unit.portal.test_pages import Page, shown

ROLLOUT = Page(f"/rollouts/{ID}")


def decide(browser: Browser, **changes: Any) -> None:
    rollout = answers.rollout()
    rollout["decision"] |= {"reasons": "The pilots did well.", "diary_number": "RV 17"} | changes
    rollout["past_decisions"][0] |= {"rejection": "Too early."}
    browser.services.answers["workflow", f"/rollouts/{ID}"] = rollout


@pytest.mark.parametrize(
    ("action", "other"),
    [("approve_decision", "reject_decision"), ("reject_decision", "approve_decision")],
)
async def test_an_approver_sees_what_they_decide_and_the_other_choice(
    signed_in: Browser, action: str, other: str
) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment("approver", EVERY_UNIT)})
    decide(signed_in, proposed_by="account-2")
    text = await shown(signed_in, Page(f"/rollouts/{ID}/actions/{action}"))
    for fact in ("Breddinförande", "RV 17", "The pilots did well.", "någon annan"):
        assert fact in text
    assert "account-2" not in text, "accounts are for those who read the audit trail"
    assert f'href="/rollouts/{ID}/actions/{other}"' in text
    assert f'href="/rollouts/{ID}#gate"' in text


@pytest.mark.parametrize("action", ["plan_waves", "pause_unit"])
async def test_other_actions_are_not_about_the_decision(signed_in: Browser, action: str) -> None:
    decide(signed_in)
    assert "RV 17" not in await shown(signed_in, Page(f"/rollouts/{ID}/actions/{action}"))


async def test_a_proposal_is_not_called_the_decision(signed_in: Browser) -> None:
    decide(signed_in)
    text = " ".join((await shown(signed_in, ROLLOUT)).split())
    assert 'id="decision">Det föreslagna beslutet</h2>' in text
    assert "Föreslaget</span> 1 september 2026" in text
    assert re.search("<dt>Föreslaget av</dt><dd> ?du ?</dd>", text)
    assert "Godkänt av" not in text


async def test_who_approved_a_decision_is_shown(signed_in: Browser) -> None:
    by = "account-3 for account-4"
    decide(signed_in, status="approved", approved_by=by)
    text = " ".join((await shown(signed_in, ROLLOUT)).split())
    assert 'id="decision">Beslutet</h2>' in text
    assert "<code>account-3</code> i stället för <code>account-4</code>" in text
    signed_in.authenticator.assignments = frozenset({Assignment("administrator", EVERY_UNIT)})
    text = " ".join((await shown(signed_in, ROLLOUT)).split())
    assert "någon annan i någon annans ställe" in text


async def test_earlier_proposals_and_the_next_evaluation_are_shown(signed_in: Browser) -> None:
    decide(signed_in)
    text = await shown(signed_in, ROLLOUT)
    assert "Tidigare förslag" in text
    assert "Too early." in text
    assert "Den bedöms igen 1 oktober 2026" in text
