"""Civil dates: the day on which something happened is the day in Sweden."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_STOCKHOLM = ZoneInfo("Europe/Stockholm")


def civil_date(at: datetime) -> date:
    """The date in Sweden at this moment. `at` has a time zone."""
    return at.astimezone(_STOCKHOLM).date()
