"""A beat a second while an activity runs: Temporal learns of a process that died within the
activity's heartbeat timeout, and need not wait until the whole attempt would be over."""

import asyncio
from typing import Any

import temporalio.worker as w
from temporalio import activity

_EVERY_SECONDS = 1.0


class Heartbeats(w.Interceptor):
    """Give it to the worker."""

    def intercept_activity(
        self, next: w.ActivityInboundInterceptor
    ) -> w.ActivityInboundInterceptor:
        return _Activity(next)


class _Activity(w.ActivityInboundInterceptor):
    async def execute_activity(self, input: w.ExecuteActivityInput) -> Any:
        if activity.info().is_local:  # It lives and dies with its workflow task.
            return await super().execute_activity(input)
        beating = asyncio.create_task(_beat())
        try:
            return await super().execute_activity(input)
        finally:
            beating.cancel()


async def _beat() -> None:
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        activity.heartbeat()
