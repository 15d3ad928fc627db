"""The picture of when waves start: a sign for each on an axis of days. Lengths are in CSS pixels.

A gap of more than three times the usual one is drawn as three, and marked: else months without a
start would press all waves into the margin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any

from portal_service.domain.wave_range import ALL, Range

WIDTH, HEIGHT = 640, 64
LINE = 30
"""The axis, from the top."""
_MARGIN, _LABEL = 16, 18
_LONGEST = 3  # usual gaps
_SIGNS: Mapping[str, str] = {"running": "active", "verified": "active", "planned": "waiting"}


@dataclass(frozen=True, slots=True)
class Start:
    """`status` is that of a sign; a wave whose label would cover the one before has none."""

    wave: int
    status: str
    at: str
    x: float
    labelled: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """`now` and `shortened` are places on the axis: of today, None if it is not in the range; and
    where days are left out."""

    starts: tuple[Start, ...]
    now: float | None
    shortened: tuple[float, ...]


def axis_of(waves: Sequence[Mapping[str, Any]], now: datetime, shown: Range = ALL) -> Axis | None:
    """The picture of the waves with a planned start in the range that is shown, by the days of
    `now`'s time zone; perhaps of none. None if in all there are fewer than two, or one moment."""
    planned = [(datetime.fromisoformat(w["planned_start"]), w) for w in waves if w["planned_start"]]
    if len(planned) < 2 or len({now, *(moment for moment, _ in planned)}) < 2:
        return None
    dated = [one for one in planned if shown.covers(one[0].astimezone(now.tzinfo).date())]
    moments = {moment for moment, _ in dated}
    places, shortened = _places(sorted({now} | moments if shown.covers(now.date()) else moments))
    starts, last = [], float("-inf")
    for moment, one in sorted(dated, key=lambda each: each[0]):
        labelled = places[moment] - last >= _LABEL
        last = places[moment] if labelled else last
        status = _SIGNS.get(one["status"], one["status"])
        starts.append(Start(one["wave"], status, one["planned_start"], places[moment], labelled))
    return Axis(tuple(starts), places.get(now), tuple(shortened))


def _places(moments: Sequence[datetime]) -> tuple[dict[datetime, float], list[float]]:
    """Where each stands, and the middle of each gap that is drawn shorter."""
    if len(moments) < 2:
        return dict.fromkeys(moments, WIDTH / 2), []
    days = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    longest = _LONGEST * median(days)
    lengths = [min(length, longest) for length in days]
    scale = (WIDTH - 2 * _MARGIN) / sum(lengths)
    places, shortened, x = {moments[0]: float(_MARGIN)}, [], float(_MARGIN)
    for moment, length, whole in zip(moments[1:], lengths, days, strict=True):
        if length < whole:
            shortened.append(x + length * scale / 2)
        x += length * scale
        places[moment] = x
    return places, shortened
