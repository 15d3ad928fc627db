"""Answers about persons, erasures and changes of units, as the API documents say them; all of it
is sample data."""

from typing import Any

from unit.portal import answers

ID = answers.ID


def person(text: str = "Sample Person", **changes: Any) -> dict[str, Any]:
    by_hand = {
        "role": "manager",
        "unit_id": "rehab",
        "valid_from": "2026-09-01",
        "valid_to": None,
        "source": "hand",
        "counts": True,
    }
    of_region = {**by_hand, "role": "auditor", "unit_id": "", "source": "import", "counts": False}
    return {
        "person_id": "p-0001",
        "name": text,
        "email": "person0001@example.se",
        "language": "sv",
        "phone": "",
        "hsa_id": "",
        "assignments": [by_hand, of_region],
        **changes,
    }


def identities(text: str = "Sample Person") -> dict[str, Any]:
    account = {"issuer": "https://login.example.se", "subject": text}
    released = {"released_at": answers.AT, "released_by": "account-1", "reason": text}
    days = {"first_seen": "2026-09-01", "last_used": "2026-10-01"}
    return {
        "identities": [{**account, "identity_id": ID, **days}],
        "released": [{**account, **released}],
    }


def erasure(**changes: Any) -> dict[str, Any]:
    confirmation = {"service": "people", "rows": {"persons": 1}, "confirmed_at": answers.AT}
    return {
        "erasure_id": ID,
        "asked_at": answers.AT,
        "complete": False,
        "awaited": ["content"],
        "confirmations": [confirmation],
        **changes,
    }


def unit_change(text: str = "Rehab", status: str = "planned", **change: Any) -> dict[str, Any]:
    return {
        "change_id": ID,
        "change": change or {"kind": "rename", "unit_id": "rehab", "name": text},
        "effective_on": "2026-10-01",
        "reason": text,
        "by": "account-1",
        "created_at": answers.AT,
        "status": status,
        "settled_at": None,
        "refusal": "English for programs" if status == "refused" else None,
    }


def unit_changes(text: str = "Rehab") -> list[dict[str, Any]]:
    """One of each kind and of each status."""
    new = {"unit_id": "rehab-2", "name": text, "headcount": 8}
    return [
        unit_change(text),
        unit_change(text, "applied", kind="move", unit_id="rehab", parent_id="heart"),
        unit_change(
            text, "refused", kind="merge", unit_ids=["rehab-2"], into="rehab", new_name=text
        ),
        unit_change(text, "cancelled", kind="split", unit_id="rehab", new_units=[new]),
        unit_change(text, kind="dissolve", unit_id="rehab"),
    ]


def preview(text: str = "Rehab") -> dict[str, Any]:
    ending = {"rollout_id": ID, "unit_id": "rehab", "step": "baseline", "round_open": True}
    return {
        "dry_run": True,
        "planned": unit_change(text, kind="dissolve", unit_id="rehab"),
        "ending_journeys": [ending],
        "people": 12,
    }


def envelope(is_closed: bool = True) -> dict[str, Any]:
    return {
        "release_id": ID,
        "rollout_id": ID,
        "occasion": "baseline",
        "envelope": "QUJDRA==",
        "is_closed": is_closed,
    }


def self_test(text: str = "Can it be worked out?", **changes: Any) -> dict[str, Any]:
    """One that finished and found nothing."""
    checked = {"groups": 24, "numbers": 31, "extremes": 168}
    meaning = {"sv": text, "en": text}
    return {
        "outcome": "nothing_found",
        "checked_at": "2026-09-01T08:00:00Z",
        "releases": 3,
        "rounds": 31,
        "shown_cells": 24,
        "releases_since": 0,
        "is_finished": True,
        "checks": [
            {"check": check, "meaning": meaning, "checked": number, "findings": 0}
            for check, number in checked.items()
        ],
        **changes,
    }
