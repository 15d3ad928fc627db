"""What a terminal gets: never wider than 80 columns, one line per change."""

import io
from argparse import Namespace
from pathlib import Path

import pytest

from demo import summary
from demo.__main__ import finish
from demo.organisation import leaves
from demo.progress import Board, Progress, UnitState, bar, picture
from unit.demo import synthetic

STATES = {
    unit.unit_id: UnitState(unit.unit_id, number // 12, "modules", "active")
    for number, unit in enumerate(leaves(synthetic.units()))
}


def board(units: dict[str, UnitState]) -> Board:
    made = Board(phase="5 Wide introduction: waves over all other units " * 2, units=units)
    made.counts.update(mails=123456, answers=123456, declined=1234, late=12, meetings=99999)
    return made


@pytest.mark.parametrize("width", [60, 80])
def test_the_picture_shows_every_unit_and_fits(width: int) -> None:
    lines = picture(board(STATES), 61.2, (width, 40), unicode=True)
    assert max(map(len, lines)) <= width
    assert len(lines) < 40
    text = "\n".join(lines)
    assert all(unit_id[:16] in text for unit_id in STATES)
    assert "40 units: 40 modules" in text


@pytest.mark.parametrize("width", [60, 80])
def test_many_units_are_counted_by_wave_instead(width: int) -> None:
    many = {f"u{n}": UnitState(f"u{n}", n // 50, "baseline", "active") for n in range(200)}
    lines = picture(board(many), 1.0, (width, 40), unicode=False)
    assert max(map(len, lines)) <= width
    assert sum(line.startswith("wave ") for line in lines) == 3
    assert all(line.isascii() for line in lines)


def test_units_are_counted_by_where_they_are() -> None:
    states = [
        UnitState("a", -1, "preparation", "waiting"),
        UnitState("b", 1, "modules", "active"),
        UnitState("c", 1, "modules", "paused"),
        UnitState("d", 0, "after_care", "completed"),
    ]
    lines = picture(board({s.unit_id: s for s in states}), 1.0, (80, 40), unicode=False)
    assert "4 units: 1 waiting, 1 modules, 1 paused, 1 completed" in lines
    assert lines.index(next(line for line in lines if line.startswith("P d"))) == 3


def test_a_bar_shows_step_and_pause() -> None:
    assert bar(UnitState("u", 1, "baseline", "active"), "#", ".", "=") == "##..."
    assert bar(UnitState("u", 1, "modules", "paused"), "#", ".", "=") == "##=.."
    assert bar(UnitState("u", 1, "preparation", "waiting"), "#", ".", "=") == "....."
    assert bar(UnitState("u", 1, "after_care", "completed"), "#", ".", "=") == "#####"


def test_plain_output_is_one_line_per_change() -> None:
    out = io.StringIO()
    progress = Progress(out)
    progress.units(STATES)
    first = out.getvalue()
    assert first.count("\n") == 4
    assert max(map(len, first.splitlines())) <= 80
    progress.units(STATES)
    assert out.getvalue() == first


def test_the_summary_fits_and_says_what_is_hidden() -> None:
    lines = summary.lines(synthetic.result())
    assert max(map(len, lines)) <= 80
    assert any(line.split()[:2] == ["participation", "hidden"] for line in lines)
    assert "lost 0   duplicates 0" in lines


def test_the_last_lines_name_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(Namespace(out=tmp_path, keep=False), synthetic.result()) == 0
    last = capsys.readouterr().out.rpartition("\n\n")[2]
    assert [line.rpartition("  ")[2].strip() for line in last.splitlines()] == [
        str(tmp_path / name)
        for name in (
            "demo-report.html",
            "demo-report.en.html",
            "demo-technical.html",
            "demo-technical.en.html",
            "demo-result.json",
        )
    ]
    assert all(Path(line.split()[-1]).exists() for line in last.splitlines())
