"""Who can act on what a unit or an action waits for: those with the permission that it takes."""

from collections.abc import Mapping

BY_ITSELF = ""
_ACT, _DECIDE = "rollouts.act", "decisions.approve"
_OF_A_JOURNEY: Mapping[str, str] = {
    "waiting": _ACT,
    "paused": _ACT,
    "manager": "persons.assign",
    "time": BY_ITSELF,
    "answer": BY_ITSELF,
    "baseline_released": "rounds.answer",
    "follow_up_released": "rounds.answer",
    "meeting_held": "practice.record",
    "action_chosen": "practice.record",
    "action_checked_back": "practice.record",
    "rollout-paused": _ACT,
    "unit-in-other-rollout": _ACT,
    "internal-error": "operation.read",
    "keys-unavailable": "operation.read",
    "unavailable": "operation.read",
}
"""The permission that it takes by what is waited for. Any other code is a refusal of another
service, which an administrator mends."""
_OF_AN_ACTION: Mapping[str, str] = {
    "decision-pending": _DECIDE,
    "four-eyes": _DECIDE,
    "gate-inconclusive": _ACT,
    "gate-not-evaluated": BY_ITSELF,
    "no-decision-pending": _ACT,
    "no-wave-running": _ACT,
    "not-decided": _DECIDE,
    "not-in-evaluation": BY_ITSELF,
    "pilot-extended": BY_ITSELF,
    "prerequisites-missing": _ACT,
    "rollout-paused": _ACT,
    "waves-not-planned": _ACT,
}
"""The same for why an action is not possible. Nothing makes it possible for any other code."""
_ENDED = ("completed", "stopped")


def permission_for(action: str) -> str:
    """What it takes to do an action of a rollout."""
    return _DECIDE if action in ("approve_decision", "reject_decision") else _ACT


def on_journey(code: str) -> str | None:
    """The permission that it takes; BY_ITSELF if none, None if nothing more is waited for."""
    return None if code in _ENDED else _OF_A_JOURNEY.get(code, _ACT)


def on_action(action: str, why_not: str) -> str | None:
    """The permission that it takes to do the action or to make it possible; BY_ITSELF if none, None
    if it does not become possible."""
    return permission_for(action) if why_not == "not-your-role" else _OF_AN_ACTION.get(why_not)
