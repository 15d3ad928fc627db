"""Random organisations and answers. No real people: numbers from a seed."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from assessment_service.domain.instrument import BEHAVIOURS, Behaviour
from assessment_service.domain.scoring import Profile
from unit.auditor.platform import Asked

Path = tuple[str, ...]


def organisation(random: Random, most: int = 10) -> list[Path]:
    """Up to so many units, one to four levels below the root; some trees have several roots."""
    paths = []
    for number in range(random.randint(1, most)):
        path: Path = (f"region-{int(random.random() < 0.05)}",)
        for _ in range(random.randint(0, 3)):
            path = (*path, f"{path[-1]}.{random.randint(1, 2)}")
        paths.append((*path, f"unit-{number}"))
    return paths


def people(random: Random, count: int) -> list[Profile]:
    """Varied, nearly all alike, all alike, or near an end of the scale; some scores missing."""
    kind = random.choice(("varied", "varied", "varied", "alike", "but one", "high", "missing"))
    same = random.choice((0, 25, 50, 75, 100))
    found: list[Profile] = []
    for number in range(count):
        profile: dict[Behaviour, int | None] = {}
        for behaviour in BEHAVIOURS:
            score: int | None = random.choice((0, 12, 25, 38, 50, 62, 75, 88, 100))
            if kind == "alike" or (kind == "but one" and number):
                score = same
            elif kind == "high":
                score = random.choice((75, 88, 100, 100, 100, 100))
            elif kind == "missing" and random.random() < 0.2:
                score = None
            profile[behaviour] = score
        found.append(profile)
    return found


def asked(random: Random, paths: Sequence[Path], k: int) -> list[Asked]:
    """Units of all sizes, many of them near k."""
    found = []
    for path in paths:
        headcount = random.choice((1, 3, k - 1, k, k, k + 1, k + 2, 12, 15, 20, 30, 45))
        share = random.choice((0.0, 0.4, 0.7, 0.9, 1.0, 1.0))
        answered = sum(random.random() < share for _ in range(headcount))
        found.append(Asked(path, headcount, people(random, answered)))
    return found


def moved(random: Random, units: Sequence[Asked]) -> list[Asked]:
    """The same units in another tree, with the same answers."""
    paths = organisation(random, most=1) * len(units)
    return [replace(one, path=(*p[:-1], one.unit_id)) for one, p in zip(units, paths, strict=True)]
