"""How much each of many may do at a time; more waits for its turn."""

import asyncio
from collections import deque


class Turns:
    """At most `most` at a time for each key; the others wait, in the order in which they came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, key: str) -> None:
        """Wait for a turn. Each one that was taken has to be given back."""
        count = self._under_way.get(key, 0)
        if count < self._most:
            self._under_way[key] = count + 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.give_back(key)
            raise

    def give_back(self, key: str) -> None:
        """To the first that still waits."""
        waiting = self._waiting.get(key)
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._waiting.pop(key, None)
        if self._under_way[key] == 1:
            del self._under_way[key]
        else:
            self._under_way[key] -= 1

    def __len__(self) -> int:
        """For how many something is under way."""
        return len(self._under_way)
