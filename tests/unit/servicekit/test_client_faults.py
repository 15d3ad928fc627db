"""aiokafka's faults, without a broker: what is put right, and that it was wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from servicekit import client_faults


class Client:
    """Hashable, as aiokafka's."""


@pytest.mark.parametrize("answered", [True, False])
async def test_metadata_are_asked_for_a_few_times_in_a_row_and_then_at_intervals(
    answered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_faults, "_WITHIN_SECONDS", 0.2)
    times, now = list[float](), asyncio.get_running_loop().time

    async def update(client: Client, topics: set[str]) -> bool:
        times.append(now())
        return answered

    seldom, client, began = client_faults._at_intervals(update), Client(), now()
    for _ in range(11):
        assert await seldom(client, {"a"}) is answered
    assert times[5] - began >= 0.19
    assert times[10] - began >= 0.38
    begun = now()
    await seldom(Client(), {"a"})
    assert now() - begun < 0.19, "another client has not asked yet"


async def ends_with_an_error() -> None:
    raise ZeroDivisionError


async def waits_to_fetch_again() -> None:
    await asyncio.sleep(60)


async def takes_a_cancellation_for_anothers() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("fetching", "pending"),
    [
        (waits_to_fetch_again, waits_to_fetch_again),
        (ends_with_an_error, waits_to_fetch_again),
        (takes_a_cancellation_for_anothers, waits_to_fetch_again),
    ],
)
async def test_a_fetcher_ends_whatever_its_tasks_do(
    fetching: Callable[[], Awaitable[None]], pending: Callable[[], Awaitable[None]]
) -> None:
    notified: list[Any] = []
    tasks = [asyncio.ensure_future(fetching()), asyncio.ensure_future(pending())]
    fetcher = SimpleNamespace(
        _closed=False,
        _fetch_task=tasks[0],
        _pending_tasks={tasks[1]},
        _fetch_waiters={"waiter"},
        _notify=notified.append,
    )
    await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await client_faults._close(fetcher)
    assert all(task.done() for task in tasks)
    assert (fetcher._closed, notified) == (True, ["waiter"])
