"""Who can act on what a unit or an action waits for: the roles that may do what it takes."""

from collections.abc import Mapping

from contracts.permissions import PERMISSIONS

BY_ITSELF: tuple[str, ...] = ()
_ACT, _DECIDE = "rollouts.act", "decisions.approve"
_NOT_FOR_PERSONS = {"service", "subscriber", "provisioner"}
_OF_A_JOURNEY: Mapping[str, str | None] = {
    "waiting": _ACT,
    "paused": _ACT,
    "manager": "persons.assign",
    "time": None,
    "answer": None,
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
"""The permission that it takes by what is waited for; None where it comes by itself. Any other code
is a refusal of another service, which an administrator mends."""
_OF_AN_ACTION: Mapping[str, str | None] = {
    "decision-pending": _DECIDE,
    "four-eyes": _DECIDE,
    "gate-inconclusive": _ACT,
    "gate-not-evaluated": None,
    "no-decision-pending": _ACT,
    "no-wave-running": _ACT,
    "not-decided": _DECIDE,
    "not-in-evaluation": None,
    "pilot-extended": None,
    "prerequisites-missing": _ACT,
    "rollout-paused": _ACT,
    "waves-not-planned": _ACT,
}
"""The same for why an action is not possible. Nothing makes it possible for any other code."""
_ENDED = ("completed", "stopped")


def permission_for(action: str) -> str:
    """What it takes to do an action of a rollout."""
    return _DECIDE if action in ("approve_decision", "reject_decision") else _ACT


def on_journey(code: str) -> tuple[str, ...] | None:
    """The roles that can act; BY_ITSELF if it takes nobody, None if nothing more is waited for."""
    return None if code in _ENDED else _roles(_OF_A_JOURNEY.get(code, _ACT))


def on_action(action: str, why_not: str) -> tuple[str, ...] | None:
    """The roles that can act so that the action becomes possible, or can do it; BY_ITSELF if it
    takes nobody, None if it does not become possible."""
    if why_not == "not-your-role":
        return _roles(permission_for(action))
    return _roles(_OF_AN_ACTION[why_not]) if why_not in _OF_AN_ACTION else None


def _roles(permission: str | None) -> tuple[str, ...]:
    if permission is None:
        return BY_ITSELF
    return tuple(role for role in PERMISSIONS[permission].roles if role not in _NOT_FOR_PERSONS)
