"""Tries what an account can do on Kafka, each operation by a request of its own.

Written without the code that gives the rights: the broker alone says what is allowed.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import (
    CreatePartitionsRequest_v1,
    CreateTopicsRequest_v3,
    DeleteRecordsRequest_v1,
)
from aiokafka.protocol.fetch import FetchRequest_v4
from aiokafka.protocol.group import HeartbeatRequest_v0
from aiokafka.protocol.metadata import MetadataRequest_v5
from aiokafka.protocol.produce import ProduceRequest_v3
from aiokafka.protocol.transaction import InitProducerIdRequest_v0
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from servicekit.kafka import connection
from servicekit.kafka_requests import Built
from servicekit.settings import Kafka

Allowed = tuple[str, str, str]
"""Kind of the resource, its name, the operation."""
_DENIED = ("TopicAuthorizationFailedError", "GroupAuthorizationFailedError")


class Probe:
    """One account, logged in."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin

    async def allowed(self, topics: Collection[str], groups: Collection[str]) -> set[Allowed]:
        """Everything that succeeds, or fails for another reason than a missing right."""
        tries = {
            "describe": self._describe,
            "read": self._read,
            "write": self._write,
            "create": self._create,
            "delete": self._delete,
            "alter": self._alter,
        }
        found: set[Allowed] = set()
        for operation, attempt in tries.items():
            for topic, code in (await attempt(sorted(topics))).items():
                if not _denied(code):
                    found.add(("topic", topic, operation))
        for group in sorted(groups):
            answer = await self._send(HeartbeatRequest_v0(group, -1, "nobody"))
            if not _denied(answer.error_code):
                found.add(("group", group, "read"))
        return found

    async def use_transactions(self, transactional_id: str) -> str:
        """The name of the error that a producer of this id meets."""
        answer = await self._send(InitProducerIdRequest_v0(transactional_id, 60_000))
        return str(for_code(answer.error_code).__name__)

    async def _describe(self, topics: list[str]) -> dict[str, int]:
        answer = await self._send(MetadataRequest_v5(topics, False))
        return {topic[1]: topic[0] for topic in answer.topics}

    async def _read(self, topics: list[str]) -> dict[str, int]:
        wanted = [(topic, [(0, 0, 1_000)]) for topic in topics]
        answer = await self._send(FetchRequest_v4(-1, 0, 0, 1_000_000, 0, wanted))
        return {topic: partitions[0][1] for topic, partitions in answer.topics}

    async def _write(self, topics: list[str]) -> dict[str, int]:
        batch = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10_000)
        batch.append(0, 0, b"probe", b"probe", [])
        record = bytes(batch.build())
        wanted = [(topic, [(0, record)]) for topic in topics]
        answer = await self._send(ProduceRequest_v3(None, -1, 10_000, wanted))
        return {topic: partitions[0][1] for topic, partitions in answer.topics}

    async def _create(self, topics: list[str]) -> dict[str, int]:
        wanted: list[Any] = [(topic, 1, 1, [], []) for topic in topics]
        answer = await self._send(CreateTopicsRequest_v3(wanted, 10_000, True))
        return {topic: code for topic, code, *_ in answer.topic_errors}

    async def _delete(self, topics: list[str]) -> dict[str, int]:
        """Of no record: up to the first one."""
        wanted = [(topic, [(0, 0)]) for topic in topics]
        answer = await self._send(DeleteRecordsRequest_v1(wanted, 10_000))
        return {topic: partitions[0][2] for topic, partitions in answer.topics}

    async def _alter(self, topics: list[str]) -> dict[str, int]:
        wanted = [(topic, (1_000, None)) for topic in topics]
        answer = await self._send(CreatePartitionsRequest_v1(wanted, 10_000, True))
        return {topic: code for topic, code, *_ in answer.topic_errors}

    async def _send(self, request: Any) -> Any:
        return await self._admin._send_to_controller(Built(request))


def _denied(code: int) -> bool:
    return bool(code) and for_code(code).__name__ in _DENIED


@asynccontextmanager
async def probe(kafka: Kafka) -> AsyncIterator[Probe]:
    """An account's probe."""
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        yield Probe(admin)
    finally:
        await admin.close()
