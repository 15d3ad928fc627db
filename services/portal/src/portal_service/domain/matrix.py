"""The picture of all units of a board: a sign for each unit, in rows, one block per group.

Lengths are in CSS pixels. Signs differ by their form, not by colour alone. All signs of one form
are one path: a picture of thousands of units has as few elements as one of ten. Each sign is drawn
from where the one before it began: a row of the same signs repeats the same text, and is small when
it is compressed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

from portal_service.domain.board import Group

SIGN = 12
PITCH = 16
COLUMNS = 44
_HEADING, _BETWEEN = 20, 12
SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "waiting": "h12v12h-12zm2 2v8h8v-8zm-2 -2",  # a frame
        "active": "l12 6l-12 6z",  # play
        "paused": "h4v12h-4zm8 0h4v12h-4zm-8 0",  # two bars
        "completed": "m0 6a6 6 0 1 0 12 0a6 6 0 1 0 -12 0zm0 -6",  # a disc
        "stopped": "m0 2l2 -2l4 4l4 -4l2 2l-4 4l4 4l-2 2l-4 -4l-4 4l-2 -2l4 -4zm0 -2",  # a cross
    }
)
"""By status, an SVG path from the upper left corner of a square of SIGN, and back to it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the name of a group stands: `y` is its base line."""

    key: int | str | None
    count: int
    y: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """`paths` has the path of all signs of each status that occurs."""

    width: int
    height: int
    headings: tuple[Heading, ...]
    paths: Mapping[str, str]


def matrix_of(groups: Sequence[Group], columns: int = COLUMNS) -> Matrix:
    """The picture; `columns` signs beside each other at most."""
    headings, top = [], 0
    signs, last = dict[str, list[str]](), dict[str, tuple[int, int]]()
    for group in groups:
        headings.append(Heading(group.key, len(group.units), top + SIGN))
        top += _HEADING
        for place, unit in enumerate(group.units):
            row, column = divmod(place, columns)
            x, y = column * PITCH, top + row * PITCH
            status = unit["status"]
            last_x, last_y = last.get(status, (0, 0))
            last[status] = x, y
            shape = SHAPES.get(status, SHAPES["waiting"])
            signs.setdefault(status, []).append(f"m{x - last_x} {y - last_y}{shape}")
        top += ceil(len(group.units) / columns) * PITCH + _BETWEEN
    paths = {status: "".join(found) for status, found in signs.items()}
    width = columns * PITCH - (PITCH - SIGN)
    return Matrix(width, max(top - _BETWEEN, 0), tuple(headings), paths)
