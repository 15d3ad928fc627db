"""The platform's events as they come, and what they are about. Nothing of them is stored.

A page that missed one shows it when it is opened the next time: it is made of what the services
answer. So there is no consumer group, and every process reads from now on.
"""

import asyncio
import json
from collections.abc import Collection

from contracts.readers import PORTAL_READS
from portal_service.application.changes import Changes
from servicekit.reach import Reach
from servicekit.settings import Kafka
from servicekit.topic_reader import TopicUnreadable, follow

_NAMES = {"rollout_id": "rollout", "unit_id": "unit"}
_PAUSE_SECONDS = 5.0


class EventStream:
    """A component of the process that serves pages. Without Kafka, pages are only not live."""

    def __init__(self, kafka: Kafka, changes: Changes, server: Reach) -> None:
        self._kafka, self._changes, self._server = kafka, changes, server

    async def run(self, stop: asyncio.Event) -> None:
        following = asyncio.create_task(self._follow())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
        self._changes.close()
        stopping.cancel()
        if following.done():
            following.result()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                async for records in follow(self._kafka, PORTAL_READS):
                    self._changes.seen(True)
                    self._server.answered()
                    for record in records:
                        self._changes.changed(subjects(record.value))
            except TopicUnreadable as error:
                self._server.failed(str(error))
            self._changes.seen(False)
            await asyncio.sleep(_PAUSE_SECONDS)


def subjects(value: bytes | None) -> Collection[str]:
    """What an event is about, as `unit/rehab`; nothing for what cannot be read."""
    try:
        event = json.loads(value or b"")
    except ValueError:
        return ()
    if not isinstance(event, dict):
        return ()
    return {f"{_NAMES[name]}/{event[name]}" for name in _NAMES if isinstance(event.get(name), str)}
