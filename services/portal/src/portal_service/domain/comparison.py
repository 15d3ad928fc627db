"""A unit before and after, by behaviour. It is compared with itself only, never with another.

Indexes are published in steps of 5, so each may be 2.5 from what was measured, and their difference
5: less than two steps apart says nothing. Lengths of the picture are in CSS pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

WIDTH, HEIGHT = 216, 20
_MARGIN = 8
_CLEAR = 10  # points

Direction = Literal["more", "less", "unclear", "hidden"]


@dataclass(frozen=True, slots=True)
class Change:
    """Indexes are None where they may not be shown."""

    code: str
    before: int | None
    after: int | None

    @property
    def direction(self) -> Direction:
        if self.before is None or self.after is None:
            return "hidden"
        if abs(self.after - self.before) < _CLEAR:
            return "unclear"
        return "more" if self.after > self.before else "less"


def changes_of(results: Sequence[Mapping[str, Any]]) -> list[Change]:
    """A line for each behaviour, if both the baseline and the follow-up may be shown."""
    shown = {one["occasion"]: one for one in results if one["visibility"] == "shown"}
    if not {"baseline", "follow_up"} <= shown.keys():
        return []
    before, after = (
        {one["code"]: one["index"] for one in shown[occasion]["behaviours"]}
        for occasion in ("baseline", "follow_up")
    )
    return [Change(code, before[code], after.get(code)) for code in before]


def place(index: int) -> float:
    """Where an index stands in the picture, from the left."""
    return _MARGIN + index * (WIDTH - 2 * _MARGIN) / 100
