"""ISO 8601 durations, such as P14D, in parts that can be put into words."""

import re

_DURATION = re.compile(
    r"P(?:(?P<year>\d+)Y)?(?:(?P<month>\d+)M)?(?:(?P<week>\d+)W)?(?:(?P<day>\d+)D)?"
    r"(?:T(?:(?P<hour>\d+)H)?(?:(?P<minute>\d+)M)?(?:(?P<second>\d+)(?:[.,]\d+)?S)?)?",
    re.ASCII,
)


def parts_of(text: str) -> list[tuple[str, int]]:
    """Each unit, such as "day", with how many; 0 days for what is none."""
    match = _DURATION.fullmatch(text)
    parts = match.groupdict() if match else {}
    return [(unit, int(count)) for unit, count in parts.items() if count] or [("day", 0)]
