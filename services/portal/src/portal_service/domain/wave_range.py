"""Which days the picture of waves shows, as a page's address says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

LENGTHS: Mapping[str, timedelta] = {"quarter": timedelta(days=92), "year": timedelta(days=365)}
"""From today on, by what is chosen."""


@dataclass(frozen=True, slots=True)
class Range:
    """`chosen` is `all`, one of LENGTHS, or `between`. None is without an end on that side."""

    chosen: str
    first: date | None = None
    last: date | None = None

    def covers(self, day: date) -> bool:
        after = self.first is None or self.first <= day
        return after and (self.last is None or day <= self.last)


ALL = Range("all")


def range_by(typed: Mapping[str, str], today: date) -> Range:
    """What an address means; what is no day or no choice is left out. Days come before `days`."""
    first, last = (_day(typed.get(name, "")) for name in ("from", "to"))
    if first or last:
        return Range("between", first, last)
    chosen = typed.get("days", "")
    if chosen in LENGTHS:
        return Range(chosen, today, today + LENGTHS[chosen])
    return ALL


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
