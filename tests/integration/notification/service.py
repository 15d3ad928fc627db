"""The notification service as its tests use it: over HTTP with real tokens, and its senders."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from devstack.tokens import token
from integration.notification.people import PERSON_HEADER, PeopleProcess
from notification_service.application.dispatch import Dispatcher
from notification_service.bootstrap import Notification
from notification_service.settings import Settings
from servicekit.consumer import Consumer
from servicekit.consumer_group import ConsumerGroup
from support.apps import unique

token_of = cache(token)


class Service:
    def __init__(self, app: Notification, settings: Settings, people: PeopleProcess) -> None:
        self.app, self.settings, self.people = app, settings, people
        self._built_at = 1000 * int(time.time())
        transport = httpx.ASGITransport(app.api(), raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://notification/v1")

    async def ask(
        self, method: str, path: str, as_: str = "administrator", key: str = "", **request: Any
    ) -> httpx.Response:
        """A request by a sample persona; a POST gets an Idempotency-Key."""
        headers = {**await self._as(as_), **request.pop("headers", {})}
        if method == "POST":
            headers["idempotency-key"] = key or str(uuid4())
        return await self.client.request(method, path, headers=headers, **request)

    async def import_people(self, *rows: str) -> None:
        """Import rows of persons into the people service, header excluded."""
        headers = {"content-type": "text/csv", "idempotency-key": str(uuid4())}
        async with httpx.AsyncClient(base_url=self.people.url, timeout=60) as client:
            answer = await client.post(
                "/v1/persons/import",
                content="\n".join([PERSON_HEADER, *rows]).encode(),
                headers={**headers, **await self._as("administrator")},
            )
        assert answer.is_success, answer.text

    async def _as(self, persona: str) -> dict[str, str]:
        bearer = await asyncio.to_thread(token_of, self.settings.auth.issuer, persona)
        return {"authorization": f"Bearer {bearer}"}

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """The worker's senders run, without its consumer and its relay."""
        senders = [c for c in self.app.components(["worker"]) if isinstance(c, Dispatcher)]
        async with self._running(senders):
            yield

    @asynccontextmanager
    async def working(self, groups: str = "") -> AsyncIterator[None]:
        """The whole worker runs, without its health listener, in consumer groups of its own.

        Those that end in `groups` are the same for two workers, one after the other.
        """
        groups = groups or unique("-")
        components = self.app.components(["worker"])[1:]
        for component in components:
            if isinstance(component, Consumer):
                for one in component.progress:
                    one.group = replace(one.group, name=f"{one.group.name}{groups}")
                    if one.group.name.startswith("notification.erasures"):
                        await self._begin(one.group)
        async with self._running(components):
            yield

    async def _begin(self, group: ConsumerGroup) -> None:
        """A new group reads from when this service was built: the people service of this test does
        not know whom earlier tests erased."""
        async with AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka.bootstrap_servers,
            group_id=group.name,
            enable_auto_commit=False,
        ) as reader:
            existing = await reader.topics()
            parts = [
                TopicPartition(topic, part)
                for topic in group.topics
                if topic in existing
                for part in reader.partitions_for_topic(topic) or ()
            ]
            if not parts:
                return
            reader.assign(parts)
            if any([await reader.committed(part) is not None for part in parts]):
                return
            ends = await reader.end_offsets(parts)
            found = await reader.offsets_for_times(dict.fromkeys(parts, self._built_at))
            await reader.commit(
                {part: at.offset if (at := found[part]) else ends[part] for part in parts}
            )

    @asynccontextmanager
    async def _running(self, components: list[Any]) -> AsyncIterator[None]:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for component in components:
                group.create_task(component.run(stop))
            try:
                yield
            finally:
                stop.set()

    async def close(self) -> None:
        await self.client.aclose()
        await self.app.close()


def person_row(
    number: int, role: str = "employee", unit: str = "rehab", language: str = "sv"
) -> str:
    """A row of the person file; the person is a sample."""
    who = f"p-{number:04},Exempelperson {number:04},person{number:04}@example.se"
    return f"{who},{language},{role},{unit}"
