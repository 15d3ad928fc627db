"""Simulated answers: who takes part and what they answer, fixed by the seed.

Each person has a level of their own; between baseline and follow-up some behaviours move more
than others. The numbers are invented, so that a report has something plausible to show.
"""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

# Mean on the scale 1-5 at the baseline, and how far the mean moves until the follow-up.
_TENDENCY = {
    "engagement": (3.8, 0.20),
    "consideration": (3.7, 0.30),
    "constructive_confrontation": (2.9, 0.65),
    "supports_manager": (3.3, 0.45),
    "positive_attitude": (3.5, 0.25),
    "creativity": (3.0, 0.50),
    "stress_handling": (3.1, 0.05),
}
# Between people, between a person's behaviours, between a behaviour's items.
_LEVEL_SPREAD, _BEHAVIOUR_SPREAD, _ITEM_SPREAD = 0.6, 0.6, 0.7
_NOT_APPLICABLE = 0.03
_TAKES_PART = 0.9


def takes_part(seed: int, person: str, round_key: str) -> bool:
    """Whether the person answers this round."""
    return Random(f"{seed}|{person}|{round_key}|takes part").random() < _TAKES_PART  # noqa: S311


def answers(
    seed: int, person: str, round_key: str, occasion: str, items: Iterable[Mapping[str, Any]]
) -> dict[str, int | None]:
    """Item id > answer 1-5, or None for "does not apply"."""
    own = Random(f"{seed}|{person}")  # noqa: S311
    level = own.gauss(0, _LEVEL_SPREAD)
    levels = {code: level + own.gauss(0, _BEHAVIOUR_SPREAD) for code in _TENDENCY}
    random = Random(f"{seed}|{person}|{round_key}")  # noqa: S311
    given: dict[str, int | None] = {}
    for item in items:
        mean, change = _TENDENCY[item["behaviour"]]
        if occasion != "baseline":
            mean += change
        value = round(random.gauss(mean + levels[item["behaviour"]], _ITEM_SPREAD))
        if random.random() < _NOT_APPLICABLE:
            given[item["item_id"]] = None
        else:
            given[item["item_id"]] = min(5, max(1, value))
    return given
