"""Answers of the services about their operation, as their API documents describe them; all of it is
sample data."""

import json
from typing import Any

from unit.portal.answers import AT, ID

GROUP = "content.units"


def dead_letter(code: str = "unit-unknown", **changes: Any) -> dict[str, Any]:
    return {
        "group": GROUP,
        "offset": 17,
        "origin": "workflow.unit/3/1204",
        "type": "workflow.unit.changed.v1",
        "error": "DomainError",
        "code": code,
        "attempts": "3",
        "at": AT,
        **changes,
    }


def open_problem(text: str = "Rehab") -> dict[str, Any]:
    """Of workflow."""
    where = {"rollout_id": ID, "unit_id": "rehab", "step": "baseline"}
    return {**where, "code": "unit-without-manager", "detail": text}


def unknown_reference(text: str = "rehab") -> dict[str, Any]:
    """Of content, or of assessment."""
    return {"code": "rollout-unknown", "reference": text, "detail": text}


def missing_addresses(text: str = "Rehab") -> dict[str, Any]:
    """Of people."""
    about = {"kind": "address-missing", "unit_id": "rehab", "ids": [], "count": 3}
    return {**about, "explanation": text}


def subscription(text: str = "Rehab", status: str = "active") -> dict[str, Any]:
    return {
        "subscription_id": ID,
        "url": text,
        "event_types": [text],
        "status": status,
        "disabled_reason": "gone" if status == "disabled" else None,
        "created_at": AT,
        "last_success_at": None if status == "disabled" else AT,
        "secret_generation": 1,
        "previous_secret_until": None,
        "retired_secrets": [],
    }


def _delivery(text: str) -> dict[str, Any]:
    return {
        "delivery_id": ID,
        "subscription_id": ID,
        "event_type": text,
        "status": "failed",
        "reason": "retries-exhausted",
        "created_at": AT,
        "next_attempt_at": None,
        "settled_at": AT,
    }


def _attempt() -> dict[str, Any]:
    return {
        "number": 1,
        "started_at": AT,
        "duration_ms": 41,
        "result": "retry",
        "reason": "http-error",
        "status_code": 503,
    }


def logged_delivery(text: str = "Rehab") -> dict[str, Any]:
    return {**_delivery(text), "attempts": [_attempt()]}


def delivery(text: str = "Rehab", **changes: Any) -> dict[str, Any]:
    headers = [{"name": text, "value": text}]
    exchange = {
        **_attempt(),
        "explanation": "English for programs",
        "error": text,
        "request": {"method": "POST", "url": text, "headers": headers},
        "response": {"status_code": 503, "headers": headers, "body": text},
    }
    return {
        **_delivery(text),
        "explanation": "English for programs",
        "body": text,
        "attempts": [exchange, {**exchange, "number": 2, "request": None, "response": None}],
        **changes,
    }


def audit_line(text: str = "Rehab", **changes: Any) -> dict[str, Any]:
    said = {"subject": text, "before": None, "after": {"reason": text}, "reason": text}
    return {
        "seq": 1204,
        "at": AT,
        "account": text,
        "on_behalf_of": text,
        "action": text,
        "subject": text,
        "details": json.dumps(said),
        "hash": "0" * 64,
        **changes,
    }
