"""Small valid objects for tests of the assessment service."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from assessment_service.domain.crowd import Crowd
from assessment_service.domain.instrument import BEHAVIOURS, Behaviour, Instrument, Item, Scale
from assessment_service.domain.round import Occasion, Release, Round, Unit, UnitSnapshot, round_id
from assessment_service.domain.scoring import Group, Profile

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ROLLOUT = UUID("11111111-1111-4111-8111-111111111111")
WORDS = ("never", "seldom", "sometimes", "often", "always")


def text(english: str) -> dict[str, str]:
    return {"sv": f"{english} (sv)", "en": english}


def instrument(
    *, version: int = 1, not_applicable: bool = True, min_answered: int = 2, items: int = 4
) -> Instrument:
    """Seven behaviours with `items` items each, on a scale from 1 to 5."""
    return Instrument(
        instrument_id="sample",
        version=version,
        languages=("sv", "en"),
        scale=Scale(1, 5, tuple(text(word) for word in WORDS), not_applicable),
        items=tuple(
            Item(f"{behaviour}-{number}", behaviour, text(f"Statement {number}"))
            for behaviour in BEHAVIOURS
            for number in range(1, items + 1)
        ),
        source="Sample data",
        licence_note="None",
        min_answered=min_answered,
    )


def answers(value: int | None, asked: Instrument | None = None) -> dict[str, int | None]:
    """The same answer to every item."""
    return {item.item_id: value for item in (asked or instrument()).items}


def release(release_id: UUID | None = None, *, occasion: Occasion = "baseline") -> Release:
    return Release(release_id or uuid4(), ROLLOUT, occasion, "sample", 1)


TREE = [
    Unit("region", None, "Sample region", 0, 1),
    Unit("health", "region", "Sample administration", 0, 1),
    Unit("ward", "health", "Sample ward", 20, 1),
    Unit("clinic", "health", "Sample clinic", 9, 1),
    Unit("office", "region", "Sample office", 12, 1),
]


def a_round(member_of: Release, unit_id: str = "ward") -> Round:
    unit = UnitSnapshot(unit_id, unit_id, ("region", "health", unit_id), 20)
    identity = round_id(member_of.rollout_id, unit_id, member_of.occasion)
    return Round(identity, member_of, unit, "open", NOW, NOW + timedelta(days=7))


def crowd_of(profiles: Iterable[Profile], behaviours: Sequence[Behaviour] = BEHAVIOURS) -> Crowd:
    """The people with these profiles."""
    persons = 0
    scores: dict[Behaviour, Group] = {behaviour: Counter() for behaviour in behaviours}
    for profile in profiles:
        persons += 1
        for behaviour, group in scores.items():
            if (score := profile[behaviour]) is not None:
                group[score] += 1
    return Crowd(persons, scores)
