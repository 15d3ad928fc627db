"""Charts as rows of HTML: a label, a track with shapes on it, and a value in words.

Labels are ordinary text, so they wrap where the screen is narrow and are never cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.markup import Html, element
from demo.wording import Language

_MINUTES_BETWEEN_TICKS = (1, 2, 5, 10, 20, 30, 60, 120, 240, 480, 1440)
_MOST_TICKS = 6


@dataclass(frozen=True)
class Shape:
    """Something on a track: from `start` to `end`, in per cent of its width."""

    css: str
    start: float
    end: float
    title: str = ""


@dataclass(frozen=True)
class Row:
    label: str
    shapes: Sequence[Shape]
    value: str = ""


Tick = tuple[float, str]
"""Where on the track, in per cent, and its text."""


def chart(rows: Iterable[Row], ticks: Sequence[Tick] = (), css: str = "") -> Html:
    """All rows on the same scale, and the ticks below them."""
    grid = [Shape("grid", at, at) for at, _ in ticks]
    drawn = [_row(row, grid) for row in rows]
    if ticks:
        texts = [element("span", text, style=_inside(at)) for at, text in ticks]
        axis = element("span", *texts, css="track")
        drawn.append(element("div", element("span", css="label"), axis, css="row axis"))
    return element("div", *drawn, css=f"chart {css}".strip())


def _row(row: Row, grid: Sequence[Shape]) -> Html:
    shapes = [_shape(shape) for shape in (*grid, *row.shapes)]
    return element(
        "div",
        element("span", row.label, css="label"),
        element("span", *shapes, css="track"),
        element("span", row.value, css="value"),
        css="row",
    )


def _inside(at: float) -> str:
    """Where a tick's text is: on its tick, but never outside the track."""
    return f"left:{at:.2f}%;transform:translateX(-{at:.2f}%)"


def _shape(shape: Shape) -> Html:
    place = f"left:{shape.start:.2f}%;width:{shape.end - shape.start:.2f}%"
    titled = {"title": shape.title} if shape.title else {}
    return element("i", css=shape.css, style=place, **titled)


def legend(entries: Iterable[tuple[str, str]]) -> Html:
    """What each kind of shape means: its class and its words."""
    items = [element("li", element("i", css=css), words) for css, words in entries]
    return element("ul", *items, css="legend")


@dataclass(frozen=True)
class Scale:
    """Time as a track's width. Moments are in seconds since `begin`, as in the result."""

    begin: datetime
    seconds: float

    def at(self, seconds: float) -> float:
        """In per cent of the track, and never outside it."""
        return min(max(100 * seconds / max(self.seconds, 1), 0), 100)

    def moment(self, seconds: float) -> datetime:
        return self.begin + timedelta(seconds=seconds)

    def shape(self, css: str, start: float, end: float, title: str = "") -> Shape:
        return Shape(css, self.at(start), self.at(end), title)

    def ticks(self, say: Language) -> list[Tick]:
        """Whole minutes of the clock."""
        between = next(
            (m for m in _MINUTES_BETWEEN_TICKS if self.seconds / 60 / m < _MOST_TICKS),
            _MINUTES_BETWEEN_TICKS[-1],
        )
        first = (-self.begin.timestamp()) % (between * 60)
        count = int((self.seconds - first) // (between * 60)) + 1
        moments = [first + n * between * 60 for n in range(count)]
        return [(self.at(seconds), say.clock(self.moment(seconds))) for seconds in moments]
