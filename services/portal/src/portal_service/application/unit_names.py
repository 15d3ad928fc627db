"""What units are called, remembered for a while: every page's header names them."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic

from portal_service.application.ports import ServiceAway, ServiceRefused, Services

_KNOWN_SECONDS, _UNKNOWN_SECONDS = 600.0, 15.0
_ASKED_SECONDS = 1.0  # No page waits longer for a name.
_AT_ONCE = 20


class UnitNames:
    def __init__(self, services: Services, clock: Callable[[], float] = monotonic) -> None:
        """`clock` counts seconds and never goes back."""
        self._services, self._clock = services, clock
        self._names: dict[str, tuple[str, float]] = {}

    async def of(self, token: str, units: Sequence[str]) -> dict[str, str]:
        """Name by unit, of units that the token's holder may see. A unit whose name is not known
        is called by its id."""
        now = self._clock()
        missing = [one for one in units if self._names.get(one, ("", 0.0))[1] <= now]
        await asyncio.gather(*(self._ask(token, one, now) for one in missing[:_AT_ONCE]))
        return {one: self._names.get(one, (one, 0.0))[0] for one in units}

    async def _ask(self, token: str, unit: str, now: float) -> None:
        try:
            async with asyncio.timeout(_ASKED_SECONDS):
                found = await self._services.get(token, "workflow", f"/units/{unit}")
            self._names[unit] = str(found["name"]), now + _KNOWN_SECONDS
        except (ServiceAway, ServiceRefused, TimeoutError):
            before = self._names.get(unit, (unit, 0.0))[0]
            self._names[unit] = before, now + _UNKNOWN_SECONDS
