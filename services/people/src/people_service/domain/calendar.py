"""Civil dates: what day it is where the region is."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def civil_date(moment: datetime) -> date:
    """The date in Sweden at this moment, which must be aware of its time zone."""
    return moment.astimezone(STOCKHOLM).date()
