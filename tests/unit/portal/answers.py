"""Answers of the services, as their API documents describe them; all of it is sample data."""

from typing import Any

ID = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"
OTHER_ID = "7c1d2e3f-0a1b-4c2d-8e3f-4a5b6c7d8e9f"
AT = "2026-09-01T08:00:00Z"
LATER = "2026-10-01T08:00:00Z"
BEHAVIOURS = (
    *("engagement", "consideration", "constructive_confrontation", "supports_manager"),
    *("positive_attitude", "creativity", "stress_handling"),
)


def page(*items: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    found = len(items) if total is None else total
    return {"items": list(items), "page": 1, "limit": 50, "total": found}


def unit(text: str = "Rehab") -> dict[str, Any]:
    return {
        "unit_id": "rehab",
        "name": text,
        "kind": "unit",
        "parent_id": "heart",
        "headcount": 12,
        "has_manager": True,
        "manager_since": AT,
        "version": 1,
        "dissolved_on": None,
        "successor_id": None,
        "path": ["region", "heart", "rehab"],
        "children": [],
        "takes_part": True,
    }


def parent_unit(text: str = "Heart") -> dict[str, Any]:
    place = {"unit_id": "heart", "parent_id": "region", "path": ["region", "heart"]}
    return {**unit(text), **place, "children": ["rehab"], "takes_part": False}


def round_summary(text: str = "Rehab") -> dict[str, Any]:
    return {
        "round_id": ID,
        "release_id": ID,
        "rollout_id": ID,
        "unit_id": "rehab",
        "unit_name": text,
        "occasion": "baseline",
        "status": "open",
        "opens_at": AT,
        "closes_at": AT,
        "closed_at": None,
        "held_since": None,
        "results_by": LATER,
        "extension_reason": None,
        "write_off_reason": None,
    }


def round_(text: str = "Rehab") -> dict[str, Any]:
    items = [
        {"item_id": f"item-{n}", "behaviour": code, "text": _both(f"{text} {n}")}
        for n, code in enumerate(BEHAVIOURS)
    ]
    scale = {
        "min": 0,
        "max": 4,
        "not_applicable": True,
        "labels": [{"sv": f"{text} {n}", "en": f"{text} {n}"} for n in range(5)],
    }
    instrument = {
        "instrument_id": "sample",
        "version": 1,
        "languages": ["sv", "en"],
        "scale": scale,
        "items": items,
        "source": text,
        "licence_note": text,
        "missing_rule": {"min_answered": 1},
    }
    return {
        **round_summary(text),
        "instrument": instrument,
        "who_sees_what": {"sv": text, "en": text},
    }


def profile(text: str = "Often") -> dict[str, Any]:
    label = {"sv": text, "en": text}
    lines = [{"behaviour": code, "index": 75, "label": label} for code in BEHAVIOURS]
    return {"profile": [*lines[1:], {"behaviour": BEHAVIOURS[0], "index": None, "label": None}]}


def journey(text: str = "Rehab") -> dict[str, Any]:
    return {
        "unit_id": "rehab",
        "name": text,
        "wave": 0,
        "step": "modules",
        "status": "active",
        "since": AT,
        "evidence": [{"kind": "baseline_released", "at": AT}],
        "paused_reason": text,
        "next_step_at": AT,
        "refusal": None,
        "after_care_on": [],
        "waiting_for": ["meeting_held", "action_chosen", "unit-without-people"],
    }


def board(text: str = "Rehab", units: int = 1) -> dict[str, Any]:
    kept = ("unit_id", "name", "wave", "step", "status", "waiting_for")
    whole = journey(text)
    one = {name: whole[name] for name in kept} | {"branch": "heart"}
    return {
        "counts": {"active": units},
        "branches": [{"unit_id": "heart", "name": text}],
        "units": [one] * units,
    }


def unit_journeys(text: str = "Pilot 2026") -> dict[str, Any]:
    return {
        "journeys": [
            {
                "rollout_id": ID,
                "rollout_name": text,
                "rollout_status": "active",
                "wave": 0,
                "step": "modules",
                "status": "active",
                "minutes_of_manager": {"so_far": 345, "promised": 435},
                "minutes_of_employee": {"so_far": 145, "promised": 190},
                "prerequisites": [
                    {"kind": "risk_assessment", "reference": text, "recorded_on": "2026-09-01"}
                ],
                "missing": ["joint_consultation"],
            }
        ]
    }


def action(name: str, why_not: str | None = None) -> dict[str, Any]:
    reason = {"code": why_not, "detail": "English for programs"} if why_not else None
    path = f"/rollouts/{ID}/actions/{name.replace('_', '-')}"
    return {"action": name, "path": path, "allowed": not why_not, "why_not": reason}


def rollout(text: str = "Pilot 2026") -> dict[str, Any]:
    override = {"outcome": "pass", "by": "account-1", "reason": text, "at": AT}
    criterion = {
        "code": "participation",
        "outcome": "inconclusive",
        "value": None,
        "threshold": 60,
        "hidden": True,
        "dry_run": True,
        "source": text,
        "explanation": text,
    }
    gate = {
        "name": text,
        "outcome": "pass",
        "evaluated": "inconclusive",
        "evaluated_at": AT,
        "override": override,
        "criteria": [criterion, {**criterion, "hidden": False, "value": 61.234}],
    }
    decision = {
        "decision_id": ID,
        "outcome": "broad_introduction",
        "status": "proposed",
        "proposed_by": "account-1",
        "approved_by": None,
        "rejected_by": None,
        "rejection": None,
        "diary_number": text,
        "reasons": text,
        "at": AT,
    }
    wave = {
        "wave": 0,
        "status": "running",
        "planned_start": AT,
        "unit_count": 4,
        "prerequisites": [],
        "missing": ["risk_assessment", "joint_consultation"],
    }
    recorded = {
        "kind": "risk_assessment",
        "reference": text,
        "recorded_on": "2026-09-01",
        "by": "account-1",
        "reason": None,
    }
    later = {
        **wave,
        "wave": 1,
        "planned_start": LATER,
        "prerequisites": [recorded, {**recorded, "kind": "joint_consultation"}],
        "missing": [],
    }
    return {
        "rollout_id": ID,
        "name": text,
        "phase": "decision",
        "status": "active",
        "version": 4,
        "template": {"id": "sample", "version": 1},
        "counts_by_step": {"modules": 4},
        "gate": gate,
        "evaluate_again_at": LATER,
        "decision": decision,
        "past_decisions": [
            {**decision, "status": "rejected", "rejected_by": "account-2", "rejection": text}
        ],
        "waves": [wave, later],
        "actions": [action("approve_decision"), action("plan_waves", "not-decided")],
        "warnings": [{"pointer": "/name", "detail": text}],
    }


def new_rollout() -> dict[str, Any]:
    """Before anything happened."""
    return {
        **rollout("New"),
        "phase": "preparation",
        "counts_by_step": {},
        "gate": None,
        "decision": None,
        "waves": [],
        "actions": [],
        "warnings": [],
    }


def rollout_summary(text: str = "Pilot 2026") -> dict[str, Any]:
    kept = ("rollout_id", "name", "phase", "status", "version", "template")
    whole = rollout(text)
    return {name: whole[name] for name in kept}


def transition(text: str = "Because") -> dict[str, Any]:
    return {
        "version": 4,
        "action": "propose_decision",
        "by": "account-1",
        "at": AT,
        "reason": text,
        "detail": {},
    }


def assignment(text: str = "Another unit did it") -> dict[str, Any]:
    parts = {"see": "waived", "kit": "not_started"}
    return {
        "assignment_id": ID,
        "rollout_id": ID,
        "unit_id": "rehab",
        "module_id": "start",
        "module_version": 1,
        "items": [
            {"item_id": item, "status": status, "reason": text if status == "waived" else None}
            for item, status in parts.items()
        ],
        "items_finished": 1,
        "completed": False,
    }


def progress(text: str = "We greet each other") -> dict[str, Any]:
    meeting = {
        "meeting_id": ID,
        "rollout_id": ID,
        "unit_id": "rehab",
        "assignment_id": None,
        "variant": "30",
        "held_on": "2026-09-01",
        "headcount": 9,
        "on_paper": False,
        "withdrawn_at": None,
    }
    chosen = {
        "action_id": ID,
        "rollout_id": ID,
        "unit_id": "rehab",
        "behaviour": "engagement",
        "text": text,
        "check_back_on": "2026-10-01",
        "outcome": None,
        "note": None,
        "withdrawn_at": None,
    }
    return {
        "rollout_id": ID,
        "unit_id": "rehab",
        "name": text,
        "assignments": [assignment(text)],
        "meetings": [meeting, {**meeting, "withdrawn_at": AT}],
        "actions": [chosen, {**chosen, "outcome": "kept", "note": text}],
    }


def change(text: str = "It was another day") -> dict[str, Any]:
    return {
        "change_id": ID,
        "kind": "meeting_corrected",
        "record_id": ID,
        "reason": text,
        "changed_at": AT,
        "before": progress(text)["meetings"][0],
    }


def changed_action(text: str = "It was another") -> dict[str, Any]:
    before = progress(text)["actions"][1]
    return {**change(text), "kind": "action_corrected", "before": before}


def delegation(text: str = "Sample Person", **changes: Any) -> dict[str, Any]:
    return {
        "delegation_id": ID,
        "role": "deputy",
        "unit_id": "rehab",
        "principal_id": "p-0001",
        "delegate_id": "p-0002",
        "principal_name": text,
        "delegate_name": None,
        "valid_from": "2026-09-01",
        "valid_to": "2199-10-01",
        "on_paper": True,
        "ended_on": None,
        **changes,
    }


def unit_import(text: str = "Rehab") -> dict[str, Any]:
    return {
        "dry_run": True,
        "added": ["rehab"],
        "changed": [{"unit_id": "heart", "fields": ["name"]}],
        "unchanged": 3,
        "absent": ["care"],
        "without_people": ["traffic"],
        "ignored_columns": [text],
        "warnings": [
            {
                "code": "dissolved-left-out",
                "detail": "x",
                "parameters": {"count": "1", "units": text},
            }
        ],
    }


def person_import(text: str = "Sample Person", ended: int = 0) -> dict[str, Any]:
    counted = (
        *("added", "changed", "moved", "returned", "unchanged", "absent", "holding"),
        *("region_roles_given", "region_roles_confirmed", "region_roles_changed"),
        *("region_roles_ended", "unknown_units", "warnings"),
    )
    same = dict.fromkeys(("name", "email", "language", "phone", "hsa_id", "assignments"))
    held = {"role": "employee", "unit_id": "rehab", "source": "import", "counts": True}
    changed = {
        "person_id": "p-0002",
        "fields": ["name", "assignments"],
        "before": {**same, "name": text, "assignments": []},
        "after": {
            **same,
            "name": text,
            "assignments": [{**held, "valid_from": "2026-09-01", "valid_to": None}],
        },
    }
    warning = {"kind": "unit-unknown", "unit_id": "x", "ids": ["p-0001"], "count": 1}
    return {
        "dry_run": True,
        "complete": False,
        "numbers": {**dict.fromkeys(counted, 1), "ended": ended},
        "region_roles": [{"person_id": "p-0001", "role": "auditor", "kind": "given"}],
        "confirm": "0123456789abcdef" if ended else None,
        "added": ["p-0001"],
        "changed": [changed],
        "moved": [changed],
        "returned": [changed],
        "ended": [changed] if ended else [],
        "absent": ["p-0010"],
        "unknown_units": [text],
        "ignored_columns": [text],
        "warnings": [{**warning, "explanation": text}],
    }


def result(text: str = "Rehab") -> dict[str, Any]:
    lines = [{"code": code, "index": 75} for code in BEHAVIOURS]
    return {
        "unit_id": "rehab",
        "occasion": "baseline",
        "visibility": "shown",
        "participation_band": "75-89",
        "release_id": ID,
        "hidden_because": None,
        "together": ["rehab", "ward"],
        "together_names": [text, "Ward"],
        "behaviours": [*lines[1:], {"code": "engagement", "index": None}],
    }


def hidden_result() -> dict[str, Any]:
    return {
        **result(),
        "occasion": "follow_up",
        "visibility": "hidden",
        "participation_band": None,
        "together": [],
        "together_names": [],
        "behaviours": [],
    }


def report_groups(text: str = "Rehab", **changes: Any) -> dict[str, Any]:
    """Three small units in no group, two that are joined, and two that have begun as a group."""
    people = {"day": 6, "east": 3, "far": 2, "night": 4, "rehab": 5, "ward": 12, "west": 5}
    units = [
        {
            "unit_id": unit_id,
            "name": text if unit_id == "rehab" else unit_id.capitalize(),
            "headcount": headcount,
            "has_begun": unit_id == "east",
        }
        for unit_id, headcount in people.items()
    ]
    return {
        "groups": [["day", "ward"], ["east", "west"]],
        "least_people": 10,
        "least_answers": 7,
        "proposal": [["day", "night", "rehab"]],
        "left_over": ["far"],
        "units": units,
        **changes,
    }


def decision(text: str = "Because") -> dict[str, Any]:
    """As everybody may read it."""
    return {
        "decision_id": ID,
        "outcome": "broad_introduction",
        "reasons": text,
        "diary_number": text,
        "decided_at": AT,
    }


def _both(text: str) -> dict[str, str]:
    return {"sv": text, "en": text}


def article(text: str = "Rehab", kind: str = "news", status: str = "published") -> dict[str, Any]:
    captions, nothing = "https://media.example.se/um.vtt", {"sv": "", "en": ""}
    is_film = kind == "film"
    return {
        "article_id": "news",
        "kind": kind,
        "status": status,
        "version": 3,
        "edition": 1,
        "is_public": True,
        "draft": {
            "title": _both(text),
            "text": _both(text),
            "url": "https://media.example.se/um.mp4" if is_film else None,
            "captions": _both(captions) if is_film else nothing,
            "transcript": _both(text) if is_film else nothing,
            "review_by": "2026-09-01" if kind == "question" else None,
        },
    }


def edition(text: str = "Rehab", kind: str = "news") -> dict[str, Any]:
    linked, is_film = kind in ("film", "e_learning"), kind == "film"
    return {
        "article_id": "news",
        "kind": kind,
        "edition": 1,
        "title": _both(text),
        "text": _both(text),
        "url": "https://media.example.se/um.mp4" if linked else None,
        "captions": _both("https://media.example.se/um.vtt") if is_film else None,
        "transcript": _both(text) if is_film else None,
        "review_by": "2026-09-01" if kind == "question" else None,
        "published_at": AT,
    }


def hit(text: str = "Rehab", kind: str = "news") -> dict[str, Any]:
    parts = [{"text": text, "found": False}, {"text": text, "found": True}]
    return {"kind": kind, "id": "news", "title": parts, "excerpt": parts}


def question(text: str = "Rehab") -> dict[str, Any]:
    return {
        "question_id": ID,
        "text": text,
        "language": "sv",
        "asked_at": AT,
        "status": "drafted",
        "article_id": "news",
        "is_public": True,
        "reason": text,
        "handled_at": AT,
    }


def timetable(text: str = "Pilot 2026") -> dict[str, Any]:
    return {
        "name": text,
        "phase": "broad_introduction",
        "status": "active",
        "decision": {
            "outcome": "broad_introduction",
            "diary_number": "17",
            "decided_on": "2026-09-01",
        },
        "waves": [
            {"wave": 0, "status": "completed", "planned_start": None, "unit_count": 4},
            {"wave": 1, "status": "planned", "planned_start": AT, "unit_count": 9},
        ],
    }
