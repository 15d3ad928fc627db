"""A pause holds every clock: what was three days ahead when the pause began is three days ahead
when it ends."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Hold:
    """From when to when; `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


def ended(pauses: tuple[Hold, ...], at: datetime) -> tuple[Hold, ...]:
    """The pauses, the last of them over at this time."""
    return (*pauses[:-1], replace(pauses[-1], until=at)) if pauses else ()


def lasts(pauses: tuple[Hold, ...]) -> bool:
    """Whether the last of these pauses is not over."""
    return bool(pauses) and pauses[-1].until is None


def held(pauses: Iterable[Hold], start: datetime, now: datetime) -> timedelta:
    """For how long these pauses, which may overlap, held a clock that was started at `start`."""
    spans = sorted((max(each.since, start), min(each.until or now, now)) for each in pauses)
    total, reached = timedelta(), start
    for since, until in spans:
        if until > max(since, reached):
            total += until - max(since, reached)
            reached = until
    return total
