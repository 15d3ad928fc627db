"""The geometry of the picture of a board."""

import re
import zlib
from collections.abc import Sequence
from itertools import accumulate, combinations
from typing import Any

import pytest

from portal_service.domain.board import STATUSES, Group
from portal_service.domain.matrix import PITCH, SHAPES, SIGN, matrix_of


def group(key: Any, *statuses: str) -> Group:
    return Group(key, tuple({"status": status} for status in statuses))


def corners(path: str) -> list[tuple[int, int]]:
    """Where the signs of a path begin: all have one form."""
    (shape,) = [one for one in SHAPES.values() if path.endswith(one)]
    moves = re.findall(rf"m(-?\d+) (-?\d+){re.escape(shape)}", path)
    assert "".join(f"m{x} {y}{shape}" for x, y in moves) == path
    across, down = zip(*moves, strict=True)
    return list(zip(accumulate(map(int, across)), accumulate(map(int, down)), strict=True))


def end_of(shape: str) -> tuple[int, int]:
    """Where a path ends that has only relative commands and begins at (0, 0)."""
    x = y = begin_x = begin_y = 0
    for command, text in re.findall(r"([a-z])([^a-z]*)", shape):
        numbers = [int(one) for one in text.split()]
        if command == "z":
            x, y = begin_x, begin_y
        elif command == "h":
            x += numbers[0]
        elif command == "v":
            y += numbers[0]
        else:
            assert command in ("m", "l", "a")
            x, y = x + numbers[-2], y + numbers[-1]
        if command == "m":
            begin_x, begin_y = x, y
    return x, y


def all_corners(groups: Sequence[Group], columns: int) -> list[tuple[int, int]]:
    paths = matrix_of(groups, columns).paths.values()
    return sorted(corner for path in paths for corner in corners(path))


def test_signs_stand_in_rows_below_their_heading() -> None:
    picture = matrix_of([group(0, *["active"] * 3), group(1, "paused")], columns=2)
    assert [(one.key, one.count, one.y) for one in picture.headings] == [(0, 3, 12), (1, 1, 76)]
    assert corners(picture.paths["active"]) == [(0, 20), (16, 20), (0, 36)]
    assert corners(picture.paths["paused"]) == [(0, 84)]
    assert (picture.width, picture.height) == (28, 100)


def test_nothing_is_an_empty_picture() -> None:
    picture = matrix_of([])
    assert (picture.height, picture.headings, picture.paths) == (0, (), {})


@pytest.mark.parametrize("columns", [1, 7, 44])
def test_no_two_signs_overlap_and_all_are_inside(columns: int) -> None:
    groups = [group(n, *STATUSES * n) for n in range(1, 12)]
    picture = matrix_of(groups, columns)
    found = all_corners(groups, columns)
    assert len(found) == len(set(found)) == sum(len(one.units) for one in groups)
    assert all(x % PITCH == 0 and x + SIGN <= picture.width for x, _ in found)
    assert all(y + SIGN <= picture.height for _, y in found)
    for (x, y), (other_x, other_y) in combinations(found[:200], 2):
        assert abs(x - other_x) >= PITCH or abs(y - other_y) >= SIGN
    for heading in picture.headings:
        assert not any(heading.y - SIGN < y < heading.y for _, y in found), "over a heading"


def test_two_thousand_units_are_a_few_paths() -> None:
    picture = matrix_of([group(0, *STATUSES * 400)])
    assert len(picture.paths) == 5
    assert sum(len(corners(path)) for path in picture.paths.values()) == 2000
    assert sum(map(len, picture.paths.values())) < 100_000


def test_every_status_has_a_form_of_its_own() -> None:
    assert set(SHAPES) == set(STATUSES)
    assert len(set(SHAPES.values())) == len(STATUSES)


@pytest.mark.parametrize("status", SHAPES)
def test_every_form_ends_where_it_begins(status: str) -> None:
    assert end_of(SHAPES[status]) == (0, 0)


def test_a_row_of_the_same_signs_is_small_when_it_is_compressed() -> None:
    picture = matrix_of([group(number, *["waiting"] * 50) for number in range(40)])
    assert len(zlib.compress(picture.paths["waiting"].encode())) < 1_000


def test_a_status_that_is_not_known_yet_is_shown() -> None:
    assert corners(matrix_of([group(0, "new")]).paths["new"]) == [(0, 20)]
