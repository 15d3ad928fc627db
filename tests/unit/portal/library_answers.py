"""Answers about modules, instruments, templates and mappings of files, as the API documents say
them; all of it is sample data."""

from typing import Any

from unit.portal import answers

HASH = "a" * 64
LINK = "https://media.example.se/um.mp4"


def both(text: str) -> dict[str, str]:
    return {"sv": text, "en": text}


def draft(text: str = "Rehab") -> dict[str, Any]:
    step = {"minutes": 10, "text": both(text)}
    film = {
        "item_id": "see",
        "kind": "film",
        "title": both(text),
        "body": both(text),
        "url": LINK,
        "variants": [],
    }
    kit = {
        **film,
        "item_id": "kit",
        "kind": "meeting_kit",
        "title": both(f"{text} 2"),
        "url": None,
        "variants": [{"variant": "30", "steps": [step, step]}],
    }
    return {
        "behaviours": ["engagement", "creativity"],
        "phase": "modules",
        "length_minutes": 45,
        "title": both(text),
        "summary": both(text),
        "items": [film, kit],
    }


def module_draft(text: str = "Rehab", **changes: Any) -> dict[str, Any]:
    return {
        "module_id": "start",
        "published_version": 2,
        "draft_hash": HASH,
        "is_published": False,
        "draft": draft(text),
        **changes,
    }


def module(text: str = "Rehab", version: int = 2) -> dict[str, Any]:
    return {
        **draft(text),
        "module_id": "start",
        "version": version,
        "content_hash": HASH,
        "published_at": answers.AT,
    }


def module_card(text: str = "Rehab") -> dict[str, Any]:
    left_out = ("items", "content_hash", "published_at")
    return {name: value for name, value in module(text).items() if name not in left_out}


def instrument_card() -> dict[str, Any]:
    return {
        "instrument_id": "sample",
        "version": 1,
        "languages": ["sv", "en"],
        "items": 7,
        "min_answered": 1,
    }


def instrument(text: str = "Rehab") -> dict[str, Any]:
    found: dict[str, Any] = answers.round_(text)["instrument"]
    return found


def template_document(text: str = "Rehab") -> dict[str, Any]:
    asked = {"preparation": 90, "baseline": 15}
    round_ = {"window": "P14D", "instrument": {"id": "sample", "version": 1}}
    criterion = {
        "code": "participation",
        "measure": "participation",
        "pass_at_least": 60,
        "fail_below": 40,
        "dry_run": False,
    }
    change = {**criterion, "code": "change", "measure": "change_since_baseline", "dry_run": True}
    return {
        "template_id": "um",
        "version": 1,
        "name": both(text),
        "steps": {
            "preparation": {"min_duration": "P28D"},
            "baseline": round_,
            "modules": {"module_ids": ["start"], "min_duration": "P84D"},
            "follow_up": round_,
            "after_care": {"checkpoints": ["P6M", "P12M"]},
        },
        "pilot_gate": {"name": "pilot-evaluation", "criteria": [criterion, change]},
        "waves": {"size": 12, "verified_after": "modules", "order": "headcount", "gap": "P28D"},
        "minutes_asked": {"manager": asked, "employee": asked},
    }


def checked_template(text: str = "Rehab") -> dict[str, Any]:
    return {"warnings": [{"pointer": "/steps/modules/module_ids/0", "detail": text}]}


def template(text: str = "Rehab") -> dict[str, Any]:
    return {
        **checked_template(text),
        "template_id": "um",
        "version": 1,
        "name": both(text),
        "registered_at": answers.AT,
        "document": template_document(text),
    }


def mapping(text: str = "Rehab") -> dict[str, Any]:
    return {
        "source": "hr",
        "saved_at": answers.AT,
        "columns": {"unit_id": text},
        "values": {"name": {text: "Rehab"}},
        "ids": "lower_case",
        "defaults": {"name": text},
    }


def progress(step: str = "storing", total: int = 20_000) -> dict[str, Any]:
    return {"step": step, "done": total // 2, "total": total, "at": answers.AT}
