"""Charts as inline SVG: shapes in the page's own colours (CSS variables), texts in both languages.

Every chart is also given as a table by the report, so a chart is only ever a second way to read.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from demo.wording import BEHAVIOURS, MARKS, NOT_SHOWN, STEPS, Words, both, plain, wave_name

WIDTH = 960
_LABEL, _ROW, _LETTER = 190, 15, 5.6
_RIGHT = WIDTH - 12


def _svg(height: float, content: Sequence[str], caption_id: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="{caption_id}">'
        + "".join(content)
        + "</svg>"
    )


def _text(x: float, y: float, words: Words | str, css: str = "", anchor: str = "start") -> str:
    inner = escape(words) if isinstance(words, str) else both(words, "tspan")
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{inner}</text>'


def _rect(x: float, y: float, width: float, height: float, css: str, title: str = "") -> str:
    shape = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}"'
    return f'<rect {shape} rx="2" class="{css}"><title>{title}</title></rect>'


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def timeline(data: Mapping[str, Any], caption_id: str) -> str:
    """A row per unit: its steps as bars, its pauses hatched, the rollout's moments as lines."""
    total = max(float(data["seconds"]), 1.0)

    def x(seconds: float) -> float:
        return _LABEL + seconds / total * (_RIGHT - _LABEL)

    marks, top = _marks(data["marks"], x)
    parts: list[str] = []
    y, wave = top, None
    for unit in data["units"]:
        if unit["wave"] != wave:
            wave = unit["wave"]
            y += 6 if y > top else 0
            parts.append(_text(0, y + 11, wave_name(wave), "wave"))
            y += _ROW + 1
        parts += _unit_row(unit, y, x)
        y += _ROW
    bottom = y + 4
    ticks = _ticks(total)
    grid = [_line(x(t), top - 4, x(t), bottom, "grid") for t in ticks]
    axis = [_text(x(t), bottom + 14, f"{t} s", "axis", "middle") for t in ticks]
    lines = [_line(at, level + 2, at, bottom, f"mark m-{kind}") for at, level, kind in marks]
    labels = [_text(at, level, MARKS[kind], "marklabel", _anchor(at)) for at, level, kind in marks]
    return _svg(bottom + 20, [*grid, *parts, *axis, *lines, *labels], caption_id)


def _unit_row(unit: Mapping[str, Any], y: float, x: Any) -> list[str]:
    name = unit["name"].removesuffix(" (exempel)")
    short = name if len(name) <= 31 else name.rpartition(", ")[2][:31]
    parts = [_text(_LABEL - 8, y + 11, short, "unit", "end")]
    for step in unit["steps"]:
        start, end = x(step["from"]), x(step["to"])
        title = (
            f"{escape(name)}: {plain(STEPS[step['step']])} {step['from']:.1f}-{step['to']:.1f} s"
        )
        parts.append(_rect(start, y + 2, end - start - 0.5, _ROW - 4, f"s-{step['step']}", title))
    for pause in unit["pauses"]:
        start, end = x(pause["from"]), x(pause["to"])
        title = f"{escape(name)}: paus / pause {pause['from']:.1f}-{pause['to']:.1f} s"
        parts.append(_rect(start, y + 2, end - start, _ROW - 4, "pause", title))
    return parts


def _marks(
    marks: Sequence[Mapping[str, Any]], x: Any
) -> tuple[list[tuple[float, float, str]], float]:
    """(x, label's y, kind) of each mark, labels stacked where they would touch; and the height."""
    placed: list[tuple[float, float, str]] = []
    ends: list[float] = []  # where the last label of each level ends
    for mark in sorted(marks, key=lambda mark: float(mark["at"])):
        at = x(mark["at"])
        half = _LETTER * max(map(len, MARKS[mark["kind"]])) / 2
        free = (n for n, end in enumerate(ends) if end < at - half)
        level = next(free, len(ends))
        ends[level : level + 1] = [at + half + 4]
        placed.append((at, 10.0 + 12 * level, mark["kind"]))
    return placed, 12.0 * len(ends) + 14


def _anchor(at: float) -> str:
    return "end" if at > _RIGHT - 40 else "middle"


def _ticks(total: float) -> list[int]:
    step = next(s for s in (5, 10, 20, 30, 60, 120, 300, 600, 3600) if total / s <= 10)
    return list(range(0, int(total) + 1, step))


def dumbbells(waves: Sequence[Mapping[str, Any]], caption_id: str) -> str:
    """Before (ring) and after (dot) of the seven behaviours, a column per wave, same scale."""
    left, top, row = 240, 26, 26
    column = (WIDTH - left) / max(len(waves), 1)
    low, high = _domain(waves)
    bottom = top + row * len(BEHAVIOURS)
    parts = [
        _text(left - 14, top + row * index + 17, words, "behaviour", "end")
        for index, words in enumerate(BEHAVIOURS.values())
    ]
    for number, wave in enumerate(waves):
        start = left + column * number
        inner = (start + 12, start + column - 12)
        parts.append(_text(start + column / 2, 14, wave_name(wave["wave"]), "wave", "middle"))
        for value in range(low, high + 1, 20):
            at = _scaled(value, (low, high), inner)
            parts.append(_line(at, top, at, bottom, "grid"))
            parts.append(_text(at, bottom + 16, str(value), "axis", "middle"))
        for index, code in enumerate(BEHAVIOURS):
            y = top + row * index + row / 2
            parts += _dumbbell(wave["behaviours"][code], y, (low, high), inner)
    return _svg(bottom + 22, parts, caption_id)


def _domain(waves: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    values = [
        compared[when]
        for wave in waves
        for compared in wave["behaviours"].values()
        if compared
        for when in ("before", "after")
    ] or [20, 80]
    low, high = min(values) // 20 * 20, -(-max(values) // 20) * 20
    return (low, high) if high > low else (max(0, low - 20), high)


def _scaled(value: float, domain: tuple[int, int], span: tuple[float, float]) -> float:
    low, high = domain
    return span[0] + (value - low) / (high - low) * (span[1] - span[0])


def _dumbbell(
    compared: Mapping[str, int] | None,
    y: float,
    domain: tuple[int, int],
    span: tuple[float, float],
) -> list[str]:
    if not compared:
        box = _rect(span[0], y - 7, span[1] - span[0], 14, "hidden", plain(NOT_SHOWN))
        return [box, _text(sum(span) / 2, y + 4, NOT_SHOWN, "hiddenlabel", "middle")]
    before, after = (_scaled(compared[when], domain, span) for when in ("before", "after"))
    return [
        _line(before, y, after, y, "change"),
        f'<circle cx="{before:.1f}" cy="{y:.1f}" r="5" class="before"/>',
        f'<circle cx="{after:.1f}" cy="{y:.1f}" r="5" class="after"/>',
    ]


def bars(rows: Sequence[Mapping[str, Any]], caption_id: str) -> str:
    """Events by topic; topics that other systems may read in the accent colour."""
    left, row = 240, 20
    most = max((entry["events"] for entry in rows), default=1)
    parts: list[str] = []
    for index, entry in enumerate(rows):
        y = index * row + 2
        width = entry["events"] / most * (WIDTH - left - 70)
        css = "bar-external" if entry["external"] else "bar"
        title = f"{escape(entry['topic'])}: {entry['events']}"
        parts.append(_text(left - 10, y + 13, entry["topic"], "topic", "end"))
        parts.append(_rect(left, y + 2, width, row - 6, css, title))
        parts.append(_text(left + max(width, 1) + 6, y + 13, f"{entry['events']}", "axis"))
    return _svg(len(rows) * row + 4, parts, caption_id)
