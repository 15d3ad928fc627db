"""How many wrong codes are taken, from one place and in all, before nobody may try for a while.

There are 2^120 codes. Of 10,000 valid ones, 500 guesses in ten minutes find one with a chance of
500 * 10^4 / 2^120 = 4 * 10^-30; a whole year of that, 53,000 times as many, with 2 * 10^-25. From
one place, 20 guesses in ten minutes, it is a 25th.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WINDOW = timedelta(minutes=10)
EVERYWHERE = "everywhere"
"""The place that stands for all of them."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """Failures within the window that are taken; then codes are refused for as long."""

    per_place: int
    in_all: int

    def at(self, place: str) -> int:
        return self.in_all if place == EVERYWHERE else self.per_place


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed attempts from one place, from `since` on: the first, or the one that was the last
    allowed."""

    count: int = 0
    since: datetime = _LONG_AGO

    def wait(self, limit: int, now: datetime) -> timedelta:
        """How long nobody may try from here; zero if they may."""
        return max(self._ends(now) - now, timedelta(0)) if self.count >= limit else timedelta(0)

    def and_one(self, limit: int, now: datetime) -> "Failures":
        """With a failure now. The one that reaches the limit begins the wait."""
        if self._ends(now) <= now:
            return Failures(1, now)
        count = self.count + 1
        return Failures(count, now if count == limit else self.since)

    def _ends(self, now: datetime) -> datetime:
        return self.since + WINDOW if self.count else now
