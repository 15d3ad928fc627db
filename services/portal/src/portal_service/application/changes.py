"""Who waits for which changes: pages that are open are shown anew when something has changed."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Literal

Signal = Literal["changed", "away", "end"]
"""Something has changed, or may have while nobody looked; changes are not seen now; no more."""


class Watcher:
    """Waits for one page. However much changes before it is read, it keeps one signal."""

    def __init__(self) -> None:
        self._signal: Signal | None = None
        self._has_signal = asyncio.Event()

    def give(self, signal: Signal) -> None:
        if self._signal != "end":
            self._signal = signal
            self._has_signal.set()

    async def next(self, seconds: float) -> Signal | None:
        """The signal, or None if there was none for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._has_signal.wait()
        except TimeoutError:
            return None
        self._has_signal.clear()
        return self._signal


class Changes:
    """The watchers of one process. A subject is what an event is about, as `unit/rehab`."""

    def __init__(self) -> None:
        self._watchers: dict[Watcher, frozenset[str]] = {}
        self._seen = False
        self._closed = False

    @contextmanager
    def watching(self, subjects: Collection[str]) -> Iterator[Watcher]:
        """A watcher for these subjects. It begins with the signal that shows how it stands."""
        watcher = Watcher()
        watcher.give("end" if self._closed else "changed" if self._seen else "away")
        self._watchers[watcher] = frozenset(subjects)
        try:
            yield watcher
        finally:
            del self._watchers[watcher]

    def changed(self, subjects: Collection[str]) -> None:
        for watcher, watched in self._watchers.items():
            if not watched.isdisjoint(subjects):
                watcher.give("changed")

    def seen(self, seen: bool) -> None:
        """Whether changes are seen from now on."""
        if seen != self._seen:
            self._seen = seen
            self._give_all("changed" if seen else "away")

    def close(self) -> None:
        """End every page's stream: the process stops."""
        self._closed = True
        self._give_all("end")

    def _give_all(self, signal: Signal) -> None:
        for watcher in self._watchers:
            watcher.give(signal)
