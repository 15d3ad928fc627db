"""ISO 8601 durations, kept as calendar months and exact seconds: P6M from 31 August ends on the
last day of February, whichever day that is."""

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_PATTERN = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?",
    re.ASCII,
)
_MAX_LENGTH = 40
_MAX_MONTHS = 100 * 12
_MAX_EXACT = timedelta(days=36_525)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time. Months have no fixed length, so only `after` says when it is over."""

    months: int
    exact: timedelta

    def after(self, start: datetime) -> datetime:
        """When the duration is over, counted from `start`: months first, then the exact part."""
        month = start.month - 1 + self.months
        year, month = start.year + month // 12, month % 12 + 1
        day = min(start.day, calendar.monthrange(year, month)[1])
        return start.replace(year=year, month=month, day=day) + self.exact

    def doubled(self) -> "Duration":
        return Duration(2 * self.months, 2 * self.exact)

    @property
    def is_zero(self) -> bool:
        return self.months == 0 and not self.exact


def parse_duration(text: str) -> Duration:
    """The duration in `text`, such as P6M, P14D or PT1M30S; at most 100 years.

    Raises ValueError saying what is expected. Source: ISO 8601-1:2019, 5.5.2.
    """
    match = _PATTERN.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None or text[-1] in "PT":
        raise ValueError(
            f"{text[:_MAX_LENGTH]!r} is not an ISO 8601 duration such as P14D, P6M or PT30M."
        )
    part = {
        name: float((value or "0").replace(",", ".")) for name, value in match.groupdict().items()
    }
    months = int(part["years"] * 12 + part["months"])
    too_long = f"{text!r} is longer than 100 years."
    try:
        exact = timedelta(
            weeks=part["weeks"],
            days=part["days"],
            hours=part["hours"],
            minutes=part["minutes"],
            seconds=part["seconds"],
        )
    except OverflowError as error:
        raise ValueError(too_long) from error
    if months > _MAX_MONTHS or exact > _MAX_EXACT:
        raise ValueError(too_long)
    return Duration(months, exact)
