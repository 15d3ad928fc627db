"""What a board shows: read from the address, grouped, and cut into pages."""

from typing import Any

import pytest

from portal_service.domain.board import Group, chosen_by, groups_of, on_page


def unit(name: str, wave: int | None = 0, branch: str = "care") -> dict[str, Any]:
    return {"unit_id": name.lower(), "name": name, "wave": wave, "branch": branch}


def shape(groups: list[Group]) -> list[tuple[Any, list[str]]]:
    return [(group.key, [one["name"] for one in group.units]) for group in groups]


def test_what_is_chosen_is_asked_for() -> None:
    typed = {"wave": "0", "branch": "care", "status": "paused", "step": "modules", "text": " a  b "}
    chosen = chosen_by({**typed, "group": "branch", "page": "2"})
    assert chosen.query == {**typed, "text": "a b"}
    assert chosen.group == "branch"


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"wave": "", "branch": "", "status": "", "step": "", "text": ""},
        {
            "wave": "-1",
            "branch": "../x",
            "status": "odd",
            "step": "odd",
            "text": "a\x00",
            "group": "x",
        },
        {"wave": "9" * 50, "branch": "A", "text": "\u202e"},
    ],
)
def test_what_is_no_choice_is_all(typed: dict[str, str]) -> None:
    chosen = chosen_by(typed)
    assert chosen.query == {}
    assert chosen.address() == "?group=wave"


def test_a_long_text_is_cut_as_the_service_takes_it() -> None:
    assert chosen_by({"text": "x" * 99 + " y"}).text == "x" * 99
    assert len(chosen_by({"text": "å" * 300}).text) == 100


def test_an_address_keeps_the_rest() -> None:
    chosen = chosen_by({"wave": "1", "text": "a&b=å"})
    assert chosen.address(page="2") == "?group=wave&wave=1&text=a%26b%3D%C3%A5&page=2"
    assert (
        chosen.address(wave="", status="paused") == "?group=wave&text=a%26b%3D%C3%A5&status=paused"
    )


def test_waves_are_in_order_and_the_unplanned_last() -> None:
    units = [unit("D", None), unit("C", 10), unit("b", 2), unit("A", 2), unit("E", 0)]
    assert shape(groups_of(units, "wave", {})) == [
        (0, ["E"]),
        (2, ["A", "b"]),
        (10, ["C"]),
        (None, ["D"]),
    ]


def test_branches_are_in_the_order_of_their_names() -> None:
    units = [unit("A", branch="z"), unit("B", branch="a"), unit("C", branch="unknown")]
    names = {"a": "Traffic", "z": "Care"}
    assert [g.key for g in groups_of(units, "branch", names)] == ["unknown", "z", "a"]


def test_a_page_ends_within_a_group() -> None:
    groups = [Group(n, tuple(unit(f"{n}{m}") for m in range(3))) for n in range(3)]
    assert shape(on_page(groups, 1, rows=4)) == [(0, ["00", "01", "02"]), (1, ["10"])]
    assert shape(on_page(groups, 2, rows=4)) == [(1, ["11", "12"]), (2, ["20", "21"])]
    assert shape(on_page(groups, 3, rows=4)) == [(2, ["22"])]
    assert on_page(groups, 4, rows=4) == []


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 50])
def test_every_unit_is_on_one_page(rows: int) -> None:
    groups = [Group(n, tuple(unit(f"{n}-{m}") for m in range(n))) for n in range(6)]
    pages = [on_page(groups, page, rows) for page in range(1, 17)]
    shown = [one["name"] for page in pages for group in page for one in group.units]
    assert shown == [one["name"] for group in groups for one in group.units]
