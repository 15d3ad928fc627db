"""The compressed rollout template, scaled for organisations larger than the sample's."""

import json
from collections.abc import Sequence
from math import ceil
from typing import Any

from demo.organisation import DATA, PILOTS, Unit, leaves

_WAVES = 4  # of a large organisation, unless they would be larger than a template allows
_LARGEST_WAVE = 200
# Generous, so that a busy machine gives the same answers: rounds are closed when all have answered.
_SECONDS_PER_PERSON = 0.3


def scaled(units: Sequence[Unit]) -> tuple[dict[str, Any], float]:
    """The template to register, and the seconds in which a wave's step is over on any machine."""
    text = (DATA / "template.compressed.json").read_text(encoding="utf-8")
    template: dict[str, Any] = json.loads(text)
    others = sorted(
        (u for u in leaves(units) if u.unit_id not in PILOTS), key=lambda unit: unit.unit_id
    )
    waves, steps = template["waves"], template["steps"]
    waves["size"] = max(waves["size"], min(ceil(len(others) / _WAVES), _LARGEST_WAVE))
    sizes = [
        sum(unit.headcount for unit in others[first : first + waves["size"]])
        for first in range(0, len(others), waves["size"])
    ]
    window = max(_seconds(steps["baseline"]["window"]), ceil(max(sizes) * _SECONDS_PER_PERSON))
    for step in ("baseline", "follow_up"):
        steps[step]["window"] = f"PT{window}S"
    return template, 2.0 * window


def _seconds(duration: str) -> int:
    return int(duration.removeprefix("PT").removesuffix("S"))
