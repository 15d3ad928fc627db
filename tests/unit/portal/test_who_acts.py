"""Whatever is waited for, a page says who can act."""

from typing import Any

import pytest

from portal_service.domain import texts, who_acts
from portal_service.entrypoints.pages import roles_with
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser
from unit.portal.test_pages import PAGES, Page, shown
from unit.portal.test_texts import reasons_of_actions
from workflow_service.application.rollout.commands import permission_for
from workflow_service.domain.rollout.commands import COMMANDS


def test_an_action_takes_the_permission_that_the_service_asks_for() -> None:
    for action in COMMANDS:
        assert who_acts.permission_for(action) == permission_for(action)


NEVER_MIND = {
    *("all-waves-started", "decision-made", "extension-changes-nothing", "gate-failed"),
    *("gate-overridden", "gate-passed", "introduction-started", "no-unit-active"),
    *("no-unit-paused", "pilot-started", "rollout-ended", "rollout-not-paused", "no-unit-left"),
}
"""It is over, or there is no need."""
ABOUT_WHAT_WAS_TYPED = {
    *("extension-too-long", "other-decision", "prerequisite-recorded"),
    *("unit-not-paused", "unit-paused", "wave-started", "wave-unknown"),
}


def test_for_each_reason_somebody_thought_about_who_can_act() -> None:
    unknown = set(reasons_of_actions()) - NEVER_MIND - ABOUT_WHAT_WAS_TYPED
    assert {code for code in unknown if who_acts.on_action("pause", code) is None} == set()


def test_somebody_can_act_on_whatever_takes_a_permission() -> None:
    found = [who_acts.on_journey(code) for code in texts.WAITING]
    found += [who_acts.on_action(one, code) for one in COMMANDS for code in texts.REASONS]
    assert all(roles_with(permission) for permission in found if permission)


@pytest.mark.parametrize(
    ("code", "roles"),
    [
        ("meeting_held", ["manager", "deputy", "facilitator"]),
        ("baseline_released", ["employee", "manager"]),
        ("unit-without-people", ["administrator"]),
        ("unavailable", ["administrator", "operator"]),
        ("time", who_acts.BY_ITSELF),
        ("completed", None),
    ],
)
def test_who_can_act_on_what_a_unit_waits_for(code: str, roles: Any) -> None:
    permission = who_acts.on_journey(code)
    assert (roles_with(permission) if permission else permission) == roles


@pytest.mark.parametrize(
    ("action", "code", "roles"),
    [
        ("plan_waves", "not-decided", ["administrator", "approver"]),
        ("approve_decision", "not-your-role", ["administrator", "approver"]),
        ("pause", "not-your-role", ["administrator"]),
        ("start_pilot", "prerequisites-missing", ["administrator"]),
        ("propose_decision", "pilot-extended", who_acts.BY_ITSELF),
        ("start_pilot", "pilot-started", None),
    ],
)
def test_who_can_make_an_action_possible(action: str, code: str, roles: Any) -> None:
    permission = who_acts.on_action(action, code)
    assert (roles_with(permission) if permission else permission) == roles


@pytest.mark.parametrize("page", ["unit", "brief"])
async def test_a_units_page_says_who_can_act(signed_in: Browser, page: str) -> None:
    text = " ".join((await shown(signed_in, PAGES[page])).split())
    who = "chef, ställföreträdare, samtalsledare"
    assert text.count(f"Vem som kan göra något åt det: {who}.") == 2, "the meeting and the action"
    assert "Vem som kan göra något åt det: administratör." in text


async def test_a_rollouts_page_says_who_can_act(signed_in: Browser) -> None:
    text = await shown(signed_in, PAGES["rollout"])
    assert "Vem som kan göra något åt det: administratör, beslutsfattare." in text


async def test_a_form_that_cannot_be_sent_now_says_why_and_who_can_act(signed_in: Browser) -> None:
    text = await shown(signed_in, PAGES["action"])
    assert "Vem som kan göra något åt det: administratör, beslutsfattare." in text
    rollout = {**answers.rollout(), "actions": [answers.action("plan_waves")]}
    signed_in.services.answers["workflow", f"/rollouts/{ID}"] = rollout
    assert "Vem som kan" not in await shown(signed_in, Page(PAGES["action"].path))


@pytest.mark.parametrize("status", ["completed", "stopped"])
async def test_a_unit_that_is_through_waits_for_nothing(signed_in: Browser, status: str) -> None:
    ended = answers.journey() | {"status": status, "waiting_for": [status]}
    signed_in.services.answers["workflow", f"/rollouts/{ID}/journeys"] = answers.page(ended)
    assert "Den väntar på" not in await shown(signed_in, PAGES["unit"])
