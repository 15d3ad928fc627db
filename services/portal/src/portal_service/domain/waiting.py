"""What waits for somebody, as their start page lists it: what, why, by when, and where to do it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["answer", "meeting", "action", "check_back", "decide", "gate", "prerequisite"]
_OF_A_MANAGER: Mapping[str, Kind] = {
    "meeting_held": "meeting",
    "action_chosen": "action",
    "action_checked_back": "check_back",
}
_TO_DECIDE: Mapping[str, Kind] = {
    "approve_decision": "decide",
    "override_gate": "gate",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """`about` is a unit's or a rollout's name. `by` is None where there is no date."""

    kind: Kind
    about: str
    by: datetime | None
    path: str


def to_answer(rounds: Iterable[Mapping[str, Any]]) -> list[Waiting]:
    """Open rounds of one's own units. While a pause holds one, nobody knows yet when it closes."""
    return [
        Waiting(
            "answer",
            one["unit_name"],
            None if one["held_since"] else datetime.fromisoformat(one["closes_at"]),
            f"/rounds/{one['round_id']}",
        )
        for one in rounds
        if one["status"] == "open"
    ]


def to_lead(rollout_id: str, journeys: Iterable[Mapping[str, Any]]) -> list[Waiting]:
    """What units wait for that their manager does."""
    return [
        Waiting(
            _OF_A_MANAGER[code],
            one["name"],
            datetime.fromisoformat(one["next_step_at"]) if one["next_step_at"] else None,
            f"/units/{one['unit_id']}?rollout={rollout_id}",
        )
        for one in journeys
        for code in one["waiting_for"]
        if code in _OF_A_MANAGER and one["status"] == "active"
    ]


def to_decide(rollout: Mapping[str, Any]) -> list[Waiting]:
    """What a rollout waits for that only a person can decide."""
    path = f"/rollouts/{rollout['rollout_id']}"
    allowed = {each["action"].replace("-", "_") for each in rollout["actions"] if each["allowed"]}
    found = [
        Waiting(kind, rollout["name"], None, f"{path}/actions/{action}")
        for action, kind in _TO_DECIDE.items()
        if action in allowed
    ]
    if "record_prerequisite" in allowed and any(wave["missing"] for wave in rollout["waves"]):
        found.append(
            Waiting("prerequisite", rollout["name"], None, f"{path}/actions/record_prerequisite")
        )
    return found


def by_urgency(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Earliest date first; without a date last."""
    return sorted(waiting, key=lambda one: (one.by is None, (one.by and one.by.timestamp()) or 0))
