"""Watches one rollout through the API, as an auditor would, and updates the progress display."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from demo.api import Api, DemoError
from demo.people import People
from demo.progress import Progress, UnitState
from demo.wording import STEPS

WATCHER = "auditor"
_POLL_SECONDS = 0.4


class Observer:
    """`rollout` and `journeys` are what the API last said."""

    def __init__(self, api: Api, people: People, progress: Progress) -> None:
        self._api, self._people, self._progress = api, people, progress
        self._news = asyncio.Condition()
        self.rollout_id = ""
        self.rollout: dict[str, Any] = {}
        self.journeys: dict[str, dict[str, Any]] = {}

    async def run(self) -> None:
        """Look again and again until cancelled. Raises DemoError when the API does not answer."""
        while True:
            if self.rollout_id:
                await self.look()
            self._progress.count(**self._people.counts)
            await asyncio.sleep(_POLL_SECONDS)

    async def look(self) -> None:
        """Look once."""
        path = f"/rollouts/{self.rollout_id}"
        self.rollout = await self._api.get(WATCHER, "workflow", path)
        journeys = await self._api.every(WATCHER, "workflow", f"{path}/journeys")
        self.journeys = {journey["unit_id"]: journey for journey in journeys}
        self._progress.units({unit_id: _state(j) for unit_id, j in self.journeys.items()})
        async with self._news:
            self._news.notify_all()

    async def until(self, test: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until `test` holds. Raises DemoError after `seconds`, saying where all units are."""
        await self.look()
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(test)
        except TimeoutError:
            text = f"{what} did not happen in {seconds:.0f} s; {self.whereabouts()}"
            raise DemoError(text) from None

    def whereabouts(self) -> str:
        """Where the rollout and its units are, in one line."""
        at = Counter(f"{j['step']}/{j['status']}" for j in self.journeys.values())
        units = ", ".join(f"{count} in {place}" for place, count in at.most_common())
        phase = self.rollout.get("phase", "unknown")
        waiting = Counter(
            reason
            for journey in self.journeys.values()
            if journey["status"] == "active"
            for reason in journey["waiting_for"]
        )
        reasons = ", ".join(f"{reason} ({count})" for reason, count in waiting.most_common(4))
        return f"the rollout is in phase {phase}; units: {units or 'none'}; waiting for: {reasons}"

    def wave(self, number: int) -> dict[str, dict[str, Any]]:
        """The journeys of a wave."""
        return {u: j for u, j in self.journeys.items() if j["wave"] == number}

    def is_paused(self, unit_id: str) -> bool:
        """Whether the unit is paused, at whatever step."""
        return bool(self.journeys.get(unit_id, {}).get("status") == "paused")

    def is_past(self, unit_id: str, other: str) -> bool:
        """Whether the unit is at a later step than the other."""
        return self._step(unit_id) > self._step(other) >= 0

    def reached(self, unit_id: str, step: str) -> bool:
        """Whether the unit is at this step or past it: a short one may go by between two looks."""
        return self._step(unit_id) >= list(STEPS).index(step)

    def _step(self, unit_id: str) -> int:
        """The number of the unit's step, -1 before the first."""
        step = self.journeys.get(unit_id, {}).get("step")
        return -1 if step is None else list(STEPS).index(step)


def _state(journey: dict[str, Any]) -> UnitState:
    wave = journey["wave"] if journey["wave"] is not None else -1
    return UnitState(journey["unit_id"], wave, journey["step"], journey["status"])
