"""Offsets as they are kept beside a backup."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from servicekit.offsets import CannotSet, back_to, latest, line

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
FIRST, SECOND = TopicPartition("workflow.unit", 0), TopicPartition("workflow.unit", 1)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Two moments of one group, ten seconds apart."""
    file = tmp_path / "offsets.jsonl"
    lines = [({FIRST: 3}, NOON), ({FIRST: 5, SECOND: 1}, NOON + timedelta(seconds=10))]
    file.write_text("".join(line({"content.units": of}, at) for of, at in lines))
    return file


@pytest.mark.parametrize(("seconds", "expected"), [(0, 3), (9, 3), (10, 5), (99, 5)])
def test_the_last_ones_from_before_a_moment_are_found(
    kept: Path, seconds: int, expected: int
) -> None:
    _, found = latest(kept, NOON + timedelta(seconds=seconds))
    assert found["content.units"][FIRST] == expected


def test_a_file_that_was_cut_off_is_good_up_to_there(kept: Path) -> None:
    kept.write_text(kept.read_text()[:-20])
    _, found = latest(kept, NOON + timedelta(seconds=99))
    assert found == {"content.units": {FIRST: 3}}


def test_what_is_not_there_is_named(kept: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotSet, match="no offsets from before"):
        latest(kept, NOON - timedelta(seconds=1))
    with pytest.raises(CannotSet, match="cannot be read"):
        latest(tmp_path / "other", NOON)
    kept.write_text("no JSON\n")
    with pytest.raises(CannotSet, match="is damaged"):
        latest(kept, NOON)


def test_only_the_services_groups_go_back_and_to_the_beginning_where_nothing_was_kept() -> None:
    now = {"content.units": {FIRST: 9, SECOND: 7}, "people.rounds": {FIRST: 9}}
    kept = {"content.units": {FIRST: 3}, "people.rounds": {FIRST: 1}}
    assert back_to(kept, now, "content") == {"content.units": {FIRST: 3, SECOND: 0}}
