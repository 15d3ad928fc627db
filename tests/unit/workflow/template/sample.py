"""A rollout template that is right in every way."""

from typing import Any

DOCUMENT: dict[str, Any] = {
    "template_id": "um",
    "version": 1,
    "name": {"sv": "Införande", "en": "Introduction"},
    "steps": {
        "preparation": {"min_duration": "P14D"},
        "baseline": {"window": "P10D", "instrument": {"id": "um-seven", "version": 1}},
        "modules": {"module_ids": ["intro", "samtal"], "min_duration": "P6W"},
        "follow_up": {"window": "P10D", "instrument": {"id": "um-seven", "version": 1}},
        "after_care": {"checkpoints": ["P6M", "P12M"]},
    },
    "pilot_gate": {
        "name": "pilot",
        "criteria": [
            {
                "code": "participation",
                "measure": "participation",
                "pass_at_least": 70,
                "fail_below": 50,
                "dry_run": False,
            },
            {
                "code": "change",
                "measure": "change_since_baseline",
                "pass_at_least": 0,
                "fail_below": -5,
                "dry_run": True,
            },
        ],
    },
    "waves": {"size": 12, "verified_after": "modules", "order": "headcount", "gap": "P7D"},
    "minutes_asked": {"manager": {"preparation": 60, "modules": 120}, "employee": {"baseline": 15}},
}
