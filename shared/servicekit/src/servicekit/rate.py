"""How often each of many may do something: in the process's memory, and for a minute at most.

The generic cell rate algorithm (ITU-T I.371): one number for each, the time when all that it did
would have been done at an even pace.
"""

from collections.abc import Callable
from time import monotonic

BURST_SECONDS = 30
"""What may be done in this time at an even pace may be done at once."""


class Rate:
    """At most `per_minute` for each key, half of it at once."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = monotonic) -> None:
        self._pause, self._clock = 60 / per_minute, clock
        self._done_at: dict[str, float] = {}

    def wait(self, key: str) -> float:
        """0 if it may be done now, and is counted; else the seconds until it may, not counted."""
        now = self._clock()
        done_at = max(self._done_at.get(key, now), now) + self._pause
        if done_at > now + BURST_SECONDS:
            return done_at - now - BURST_SECONDS
        self._done_at[key] = done_at
        return 0

    def forget(self) -> None:
        """Forget all whose time is over. To be called now and then."""
        now = self._clock()
        self._done_at = {key: at for key, at in self._done_at.items() if at > now}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._done_at)
