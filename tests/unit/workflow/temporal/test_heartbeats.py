"""An activity that lasts shows Temporal that its process lives."""

import asyncio
from typing import Any

from temporalio.testing import ActivityEnvironment

from workflow_service.temporal.heartbeats import Heartbeats


async def test_an_activity_beats_while_it_lasts() -> None:
    beaten = asyncio.Event()
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *_: beaten.set()

    class Lasting:
        async def execute_activity(self, input: Any) -> str:
            async with asyncio.timeout(5):
                await beaten.wait()
            return "done"

    activity = Heartbeats(0.01).intercept_activity(Lasting())  # type: ignore[arg-type]
    assert await environment.run(activity.execute_activity, None) == "done"  # type: ignore[arg-type]
