"""From answers to scores. Scores are whole numbers 0-100, so that sums are exact and a group's
value does not depend on the order in which it is computed.

Factor scores are plain means of a factor's items, as usual for frequency-type Likert scales
(Larsson, Zander & Lönngren 2022 use the same for seven factors of these names).
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache

from assessment_service.domain.instrument import BEHAVIOURS, Behaviour, Instrument, Text
from assessment_service.domain.sheet import Answers

Profile = Mapping[Behaviour, int | None]
"""One person's score per behaviour: 0-100, or None where too few items were answered."""

Group = Counter[int]
"""How many people have each score. Adding two groups joins them."""

PUBLISHED_STEP = 5
LOWEST_PUBLISHED, HIGHEST_PUBLISHED = 10, 90


def profile(instrument: Instrument, answers: Answers) -> Profile:
    """A person's score per behaviour: 100 * (mean - low) / (high - low), rounded half up.

    None where fewer than `min_answered` items have an answer on the scale.
    """
    scale = instrument.scale
    scores: dict[Behaviour, int | None] = {}
    for behaviour in BEHAVIOURS:
        values = [
            value
            for item in instrument.items_of(behaviour)
            if (value := answers.get(item.item_id)) is not None
        ]
        if values and len(values) >= instrument.min_answered:
            above_low = sum(values) - len(values) * scale.low
            scores[behaviour] = _half_up(100 * above_low, len(values) * scale.steps)
        else:
            scores[behaviour] = None
    return scores


def label(instrument: Instrument, score: int) -> Text:
    """The scale's label nearest to a score."""
    return instrument.scale.labels[category(score, instrument.scale.steps)]


@cache
def category(score: int, steps: int) -> int:
    """The answer on a scale of `steps` steps that a score is nearest to, counted from 0."""
    return _half_up(score * steps, 100)


def published_index(group: Group) -> int:
    """A group's mean score, rounded half up to a step of 5, and never below 10 or above 90.

    The steps are so coarse that neither the sum nor a single score can be computed from it and the
    size of the group: with seven people, a step spans 35 points of the sum. 10 means "10 or less"
    and 90 "90 or more" (top- and bottom-coding), because a mean of 0 or 100 is everybody's answer.
    """
    total = sum(score * people for score, people in group.items())
    rounded = PUBLISHED_STEP * _half_up(total, PUBLISHED_STEP * group.total())
    return min(max(rounded, LOWEST_PUBLISHED), HIGHEST_PUBLISHED)


def is_at_an_end(group: Group) -> bool:
    """Whether a group's value would be published as "10 or less" or "90 or more"."""
    return not LOWEST_PUBLISHED < published_index(group) < HIGHEST_PUBLISHED


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
