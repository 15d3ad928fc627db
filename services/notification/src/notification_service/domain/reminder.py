"""When those who have not answered a round are reminded: never more than twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class ReminderTimes:
    """The first is due after `after_share` of the time from opening to closing, the second
    `before_close` before closing. There are `at_most`: 0, 1 or 2."""

    after_share: float
    before_close: timedelta
    at_most: int


def due_times(opens_at: datetime, closes_at: datetime, times: ReminderTimes) -> list[datetime]:
    """When to remind. Two that are closer together than `before_close` are one, the first."""
    first = opens_at + (closes_at - opens_at) * times.after_share
    last = closes_at - times.before_close
    far_apart = last - first >= times.before_close
    return [first, last][: min(times.at_most, 2 if far_apart else 1)]


def reminded(before: int, due: list[datetime], now: datetime) -> int:
    """How many reminders are over when one was sent now: those that were missed are over too."""
    return max(before + 1, sum(at <= now for at in due))
