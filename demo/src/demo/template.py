"""The compressed rollout template, stretched for organisations larger than the sample's."""

import json
from collections.abc import Sequence
from math import ceil
from typing import Any

from demo.organisation import DATA, PILOTS, Unit, leaves

_WAVES = 4  # waves of a large organisation
_PEOPLE_PER_SECOND = 15  # mailed and answered at the very least, with everything else


def scaled(units: Sequence[Unit], slowness: float = 1.0) -> tuple[dict[str, Any], float]:
    """The template to register, and by how much longer its rounds are than the sample's.

    `slowness`: how much longer this machine takes for things, 1 for an idle one with two cores.
    """
    text = (DATA / "template.compressed.json").read_text(encoding="utf-8")
    template: dict[str, Any] = json.loads(text)
    others = sorted(
        (u for u in leaves(units) if u.unit_id not in PILOTS), key=lambda unit: unit.unit_id
    )
    waves, steps = template["waves"], template["steps"]
    usual = waves["size"]
    waves["size"] = max(usual, ceil(len(others) / _WAVES))
    sizes = [
        sum(unit.headcount for unit in others[first : first + waves["size"]])
        for first in range(0, len(others), waves["size"])
    ]
    shortest = _seconds(steps["baseline"]["window"])
    window = ceil(max(shortest, max(sizes) / _PEOPLE_PER_SECOND) * slowness)
    # Managers of a larger wave need longer; units that finish together are released together.
    least = _seconds(steps["modules"]["min_duration"]) * waves["size"] / usual * slowness
    steps["modules"]["min_duration"] = f"PT{ceil(least)}S"
    for step in ("baseline", "follow_up"):
        steps[step]["window"] = f"PT{window}S"
    return template, window / shortest


def _seconds(duration: str) -> int:
    return int(duration.removeprefix("PT").removesuffix("S"))
