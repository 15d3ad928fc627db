"""The sending loop: claim committed rows, send them outside any transaction, then mark them.

After a crash between sending and marking, the item is sent again with the same id; none is lost. No
other process claims an item before its lease ends, and a process whose lease has ended changes
nothing. Rows are compared with the database's clock, and a running lease with this process's
monotonic timer, so that a machine's wrong time of day has no effect.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Generic, Protocol, TypeVar

from notification_service.application.sending_ports import Attempt

log = logging.getLogger(__name__)

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_GIVE_UP_SECONDS = 60
_GATHER_SECONDS = 0.02  # Items that finish within this time are marked in one transaction.


@dataclass(frozen=True, slots=True)
class Attempted(Generic[ItemT]):
    """A claimed item with its attempt; None if too little of the lease was left to try."""

    item: ItemT
    attempt: Attempt | None


class Lane(Protocol[ItemT]):
    """One kind of item to send: mails, or webhooks."""

    name: str

    async def claim(self, room: int) -> Sequence[ItemT]: ...

    async def deliver(self, item: ItemT, since: float) -> Attempted[ItemT]:
        """Try once, if the lease that began at `since` (monotonic) is long enough. Never raises."""

    async def settle(self, done: Sequence[Attempted[ItemT]]) -> None: ...

    async def close_idle(self) -> None: ...


class Dispatcher(Generic[ItemT]):
    """A component of the worker that keeps up to `capacity` items of a lane under way."""

    def __init__(self, lane: Lane[ItemT], capacity: int, poll_seconds: float) -> None:
        self._lane = lane
        self._capacity = capacity
        self._poll_seconds = poll_seconds
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look for new rows now. Only a hint: rows are also found by polling."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until stopped, then finish what is under way."""
        under_way: set[asyncio.Task[Attempted[ItemT]]] = set()
        try:
            while under_way or not stop.is_set():
                under_way |= await self._start_more(self._capacity - len(under_way), stop)
                finished = await self._wait(under_way, stop)
                if not (under_way or self._wake.is_set()):  # a poll interval without work
                    await self._lane.close_idle()
                under_way -= finished
                if finished:
                    done = [task.result() for task in finished]
                    await self._retry(partial(self._lane.settle, done))
        finally:
            for task in under_way:
                task.cancel()
            await self._lane.close_idle()

    async def _start_more(
        self, room: int, stop: asyncio.Event
    ) -> set[asyncio.Task[Attempted[ItemT]]]:
        if stop.is_set() or room < max(1, self._capacity // 4):
            return set()
        self._wake.clear()
        claimed, since = await self._retry(partial(self._claim, room))
        if len(claimed) == room:
            self._wake.set()
        return {asyncio.create_task(self._lane.deliver(item, since)) for item in claimed}

    async def _claim(self, room: int) -> tuple[Sequence[ItemT], float]:
        """The claimed items, and a time before the claim, when no lease has begun yet."""
        since = monotonic()
        return await self._lane.claim(room), since

    async def _wait(
        self, under_way: set[asyncio.Task[Attempted[ItemT]]], stop: asyncio.Event
    ) -> set[asyncio.Task[Attempted[ItemT]]]:
        """Wait until an item is finished or there may be a new one; return the finished ones."""
        signals = {asyncio.create_task(stop.wait())} if not stop.is_set() else set()
        if len(under_way) < self._capacity // 2:
            signals.add(asyncio.create_task(self._wake.wait()))
        await asyncio.wait(
            {*under_way, *signals},
            timeout=self._poll_seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        for signal in signals:
            signal.cancel()
        if any(task.done() for task in under_way):
            await asyncio.wait(under_way, timeout=_GATHER_SECONDS)
        return {task for task in under_way if task.done()}

    async def _retry(self, work: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Repeat it while it fails (the database may be down); raise the error after a minute."""
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + _GIVE_UP_SECONDS, 0.2
        while True:
            try:
                return await work()
            except Exception as error:
                if loop.time() > deadline:
                    raise
                log.warning("%s: trying again after %s", self._lane.name, type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5)
