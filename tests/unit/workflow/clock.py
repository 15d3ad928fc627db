"""The time at which the samples take place."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def later(**parts: float) -> datetime:
    return NOW + timedelta(**parts)
