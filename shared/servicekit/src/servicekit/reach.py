"""Whether a server answers this process, and since when not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 3.0


class Reach:
    """One server, as this process sees it: by asking it now and then, or by what is sent to it."""

    def __init__(
        self,
        name: str,
        ask: Callable[[], Awaitable[object]] | None = None,
        patience: float | None = None,
    ) -> None:
        """`ask` raises anything while the server does not answer. `patience`: seconds, by default
        three."""
        self.name, self._patience = name, patience
        self._ask = ask
        self._away_since: float | None = None

    @property
    def away_seconds(self) -> float | None:
        """For how long it has not answered; None if it answered the last time."""
        return None if self._away_since is None else monotonic() - self._away_since

    def answered(self) -> None:
        if self._away_since is not None:
            log.info("%s answers again", self.name)
        self._away_since = None

    def failed(self, why: str) -> None:
        if self._away_since is None:
            log.warning("%s does not answer: %s", self.name, why)
            self._away_since = monotonic()

    async def look(self) -> None:
        """Ask it, if that is how this process knows. Never raises."""
        if self._ask is None:
            return
        try:
            async with asyncio.timeout(self._patience or _ANSWER_SECONDS):
                await self._ask()
        except Exception as error:
            self.failed(f"{type(error).__name__}: {error}")
        else:
            self.answered()
