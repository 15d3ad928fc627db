"""Figures of a process: growth in the last minute, and how far a group is behind."""

import asyncio
from typing import Any
from unittest.mock import Mock

import pytest
from aiokafka import TopicPartition

from servicekit.consumer_group import ConsumerGroup
from servicekit.heartbeat import GroupFigures, PerMinute
from servicekit.lag import Progress
from servicekit.operation import together
from servicekit.reach import Reach

READ = TopicPartition("sample.counter", 0)


def test_what_was_counted_in_the_last_minute() -> None:
    now, count = [0.0], [100.0]
    handled = PerMinute(lambda: count[0], lambda: now[0])

    def after(seconds: float, more: int) -> int:
        now[0] += seconds
        count[0] += more
        return handled.value()

    assert after(5, 0) == 0, "what was counted before the process began does not count"
    assert after(30, 4) == 4
    assert after(25, 2) == 6
    assert after(5, 0) == 6
    assert after(30, 0) == 2
    assert after(60, 0) == 0


def record(age: float) -> Mock:
    return Mock(timestamp=round((1_000 - age) * 1_000))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr("servicekit.lag.time.time", lambda: now[0])
    return now


@pytest.fixture
def progress(clock: list[float]) -> Progress:
    """A group that reads one partition, up to 10."""
    found = Progress(ConsumerGroup("sample.g", {}))
    found.reader = Mock()
    found.reader.assignment.return_value = {READ}

    async def position(partition: TopicPartition) -> int:
        return 10

    found.reader.position = position
    return found


async def test_a_group_that_has_read_all_is_not_behind(
    progress: Progress, clock: list[float]
) -> None:
    clock[0] = 5_000
    await progress.measure({READ: 10})
    assert (progress.records, progress.seconds(5_000)) == (0, 0.0)


async def test_a_batch_in_hand_is_behind_by_its_oldest_record(progress: Progress) -> None:
    progress.take([record(3), record(40), record(7)])
    await progress.measure({READ: 12})
    assert (progress.records, progress.seconds(1_000)) == (5, 40.0)
    progress.done()
    await progress.measure({READ: 10})
    assert (progress.records, progress.seconds(1_000)) == (0, 0.0)


async def test_what_is_not_read_yet_came_after_the_group_had_read_all(
    progress: Progress, clock: list[float]
) -> None:
    """However long ago it had something to do."""
    progress.take([record(40)])
    progress.done()
    clock[0] = 9_000
    await progress.measure({READ: 10})
    await progress.measure({READ: 13})
    assert (progress.records, progress.seconds(9_004)) == (3, 4.0)


async def test_partitions_that_are_not_read_yet_take_no_time_each(progress: Progress) -> None:
    """Else Kafka would seem not to answer."""

    async def position(partition: TopicPartition) -> int:
        await asyncio.sleep(60)
        raise AssertionError

    many = {TopicPartition("sample.counter", number) for number in range(60)}
    progress.reader = Mock(position=position)
    progress.reader.assignment.return_value = many
    async with asyncio.timeout(2):
        await progress.measure(dict.fromkeys(many, 10))
    assert progress.records == 0


async def test_a_servers_clock_that_is_behind_gives_no_negative_age(progress: Progress) -> None:
    progress.take([record(0)])
    assert progress.seconds(990) == 0.0


def figures(**changes: Any) -> GroupFigures:
    own = {
        "group": "sample.g",
        "partitions": 1,
        "records": 2,
        "seconds": 3.0,
        "dead_letters": 4,
        "handled_per_minute": 5,
    }
    return GroupFigures.model_validate({**own, **changes})


def test_two_workers_of_a_group_are_one_line() -> None:
    [found] = together([figures(), figures(seconds=9.0)])
    assert (found.partitions, found.records, found.handled_per_minute) == (2, 4, 10)
    assert (found.seconds, found.dead_letters) == (9.0, 4)


def test_a_worker_that_does_not_know_hides_no_other() -> None:
    unknown = figures(records=None, seconds=None, dead_letters=None)
    [found] = together([unknown, figures()])
    assert (found.records, found.seconds, found.dead_letters) == (2, 3.0, 4)
    [found] = together([unknown])
    assert (found.records, found.seconds, found.dead_letters) == (None, None, None)


async def test_a_server_that_nobody_asks_is_as_it_was_seen_last() -> None:
    server = Reach("smtp")
    server.failed("refused")
    await server.look()
    assert server.away_seconds is not None
    server.answered()
    assert server.away_seconds is None
