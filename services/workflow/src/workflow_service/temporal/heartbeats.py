"""A beat a second while an activity runs: Temporal learns of a process that died within the
activity's heartbeat timeout, and need not wait until the whole attempt would be over."""

import asyncio
from dataclasses import dataclass
from typing import Any

import temporalio.worker as w
from temporalio import activity


@dataclass(frozen=True)
class Heartbeats(w.Interceptor):
    """Give it to the worker. `seconds` lie between two beats."""

    seconds: float = 1.0

    def intercept_activity(
        self, next: w.ActivityInboundInterceptor
    ) -> w.ActivityInboundInterceptor:
        return _Activity(next, self.seconds)


class _Activity(w.ActivityInboundInterceptor):
    def __init__(self, next: w.ActivityInboundInterceptor, seconds: float) -> None:
        super().__init__(next)
        self._seconds = seconds

    async def execute_activity(self, input: w.ExecuteActivityInput) -> Any:
        if activity.info().is_local:  # It lives and dies with its workflow task.
            return await super().execute_activity(input)
        beating = asyncio.create_task(self._beat())
        try:
            return await super().execute_activity(input)
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            activity.heartbeat()
