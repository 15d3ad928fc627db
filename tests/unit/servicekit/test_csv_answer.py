"""Who gets a list as CSV, and that all of it is in the file."""

from collections.abc import Sequence

import pytest
from fastapi import Request

from servicekit import csv_answer as answers
from servicekit.paging import PageRequest
from servicekit.problems import ProblemError


@pytest.mark.parametrize(
    ("accept", "csv"),
    [
        ("text/csv", True),
        ("Text/CSV; charset=utf-8", True),
        ("text/csv, application/json;q=0.9", True),
        ("text/csv;q=0.1, */*", True),
        ("", False),
        ("*/*", False),
        ("text/*", False),
        ("application/json", False),
        ("application/json, text/csv", False),
        ("application/json, text/csv;q=0.5", False),
        ("text/csv;q=0", False),
        ("text/csv;q=much", False),
    ],
)
def test_csv_is_for_those_who_name_it_and_do_not_prefer_json(accept: str, csv: bool) -> None:
    request = Request({"type": "http", "headers": [(b"accept", accept.encode())]})
    assert answers._wants_csv(request) is csv


@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
async def test_all_pages_are_read(monkeypatch: pytest.MonkeyPatch, total: int) -> None:
    monkeypatch.setattr(answers, "_BATCH", 3)

    async def read(page: PageRequest) -> tuple[Sequence[int], int]:
        return range(total)[page.offset : page.offset + page.limit], total

    assert await answers.every(read) == list(range(total))


async def test_a_list_that_is_longer_than_a_file_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answers, "_MAX_ROWS", 3)

    async def read(page: PageRequest) -> tuple[Sequence[int], int]:
        return [1], 4

    with pytest.raises(ProblemError) as listed:
        await answers.every(read)
    with pytest.raises(ProblemError) as written:
        await answers.csv_answer("list", ["a"], [("x",)] * 4)
    assert listed.value.code == written.value.code == "too-many-rows"
    assert "3 rows at most, and these are 4" in listed.value.detail


async def test_the_file_has_a_name_and_is_not_cached() -> None:
    answer = await answers.csv_answer("list", ["a"], [("=1",)])
    assert answer.body == "\ufeffa\r\n'=1\r\n".encode()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="list.csv"'
    assert (answer.headers["cache-control"], answer.headers["vary"]) == ("no-store", "accept")
