"""ISO 8601 durations: months by the calendar, the rest exact."""

from datetime import UTC, datetime, timedelta

import pytest

from workflow_service.domain.duration import Duration, parse_duration


@pytest.mark.parametrize(
    ("text", "months", "exact"),
    [
        ("P6M", 6, timedelta()),
        ("P1Y2M", 14, timedelta()),
        ("P2W", 0, timedelta(days=14)),
        ("P1DT2H3M4.5S", 0, timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("PT0,25S", 0, timedelta(milliseconds=250)),
        ("PT0S", 0, timedelta()),
    ],
)
def test_read(text: str, months: int, exact: timedelta) -> None:
    assert parse_duration(text) == Duration(months, exact)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1",
        "6M",
        "P1H",
        "P-1D",
        "P1DT",
        "P1.5D",
        "PT1M1H",
        "p1d",
        "P1D ",
        "P٣D",
        "P101Y",
        "P9999999999999D",
        "PT9E9S",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an ISO 8601 duration|longer than 100 years"):
        parse_duration(text)


def test_months_end_on_the_last_day_when_there_is_no_such_day() -> None:
    start = datetime(2026, 8, 31, 9, tzinfo=UTC)
    assert parse_duration("P6M").after(start) == datetime(2027, 2, 28, 9, tzinfo=UTC)
    assert parse_duration("P1Y").after(start) == datetime(2027, 8, 31, 9, tzinfo=UTC)
    assert parse_duration("P1MT1H").after(start) == datetime(2026, 9, 30, 10, tzinfo=UTC)
