"""Civil dates: what day it is where the region is."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def civil_date(moment: datetime) -> date:
    """The date in Sweden at this moment, which must be aware of its time zone."""
    return moment.astimezone(STOCKHOLM).date()


def end_of(day: date) -> datetime:
    """The moment at which the day is over in Sweden."""
    return datetime.combine(day + timedelta(days=1), time(), STOCKHOLM)
