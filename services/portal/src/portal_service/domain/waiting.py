"""What waits for somebody, as their start page lists it: what, why, by when, and where to do it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

from portal_service.domain.language import text_in
from portal_service.domain.waiting_texts import TITLES, WHY, Kind

_OF_A_MANAGER: Mapping[str, tuple[Kind, str]] = {
    "meeting_held": ("meeting", "meetings"),
    "action_chosen": ("action", "actions"),
    "action_checked_back": ("check_back", "actions"),
}
"""The kind, and the part of the unit's page where it is done."""
_TO_DECIDE: Mapping[str, Kind] = {
    "approve_decision": "decide",
    "override_gate": "gate",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """`about` is a unit's, a rollout's or an article's name, or how many there are. `by` is None
    where there is no date."""

    kind: Kind
    about: str
    by: datetime | None
    path: str

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def why(self) -> str:
        return WHY[self.kind]


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
            kind,
            one["name"],
            datetime.fromisoformat(one["next_step_at"]) if one["next_step_at"] else None,
            f"/units/{one['unit_id']}?rollout={rollout_id}#{place}",
        )
        for one in journeys
        for code in one["waiting_for"]
        if code in _OF_A_MANAGER and one["status"] == "active"
        for kind, place in [_OF_A_MANAGER[code]]
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


def to_review(articles: Iterable[Mapping[str, Any]], language: str) -> list[Waiting]:
    """Drafts that were submitted."""
    return [
        Waiting(
            "review",
            text_in(one["draft"]["title"], language)[1],
            None,
            f"/articles/{one['article_id']}",
        )
        for one in articles
    ]


def to_look_at_again(
    answers: Iterable[Mapping[str, Any]], language: str, today: date, zone: tzinfo
) -> list[Waiting]:
    """Public answers whose day has come."""
    found = []
    for one in answers:
        review_by = one["draft"]["review_by"]
        if one["is_public"] and review_by and date.fromisoformat(review_by) <= today:
            by = datetime.combine(date.fromisoformat(review_by), time(), zone)
            _, title = text_in(one["draft"]["title"], language)
            found.append(Waiting("look_again", title, by, f"/articles/{one['article_id']}"))
    return found


def how_many(kind: Kind, count: int, path: str) -> list[Waiting]:
    """One line for all of a kind; none if there are none."""
    return [Waiting(kind, str(count), None, path)] if count else []


def by_urgency(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Each once, earliest date first; without a date last."""
    return sorted(dict.fromkeys(waiting), key=_urgency)


def _urgency(one: Waiting) -> tuple[bool, float]:
    return one.by is None, one.by.timestamp() if one.by else 0
