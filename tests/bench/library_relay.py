"""faststream-outbox doing the relay's work: the comparison, used as its own manual shows.

Its table has neither topic nor key, so that the handler gives the record its key again.
"""

import logging
import time
from collections.abc import Sequence

from faststream.kafka import KafkaBroker, KafkaResponse
from faststream_outbox import OutboxBroker, OutboxMessage, make_outbox_table
from faststream_outbox.annotations import OutboxMessage as CurrentMessage
from sqlalchemy import MetaData, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

from contracts import Message
from servicekit.db import asyncpg_url, create_engine
from servicekit.settings import Database
from support.eventually import eventually

_METADATA = MetaData()
_TABLE = make_outbox_table(_METADATA, table_name="library_outbox")
_QUEUE = "events"


class LibraryRelay:
    """One outbox broker and one Kafka broker, made for a topic."""

    def __init__(self, database: Database, kafka: str, topic: str, workers: int) -> None:
        # Its workers hold a connection each for as long as they run.
        self._engine = create_engine(database.model_copy(update={"pool_size": workers + 5}))
        quiet = logging.getLogger("bench.library")
        self._kafka = KafkaBroker(kafka, acks="all", enable_idempotence=True, logger=None)
        self._outbox = OutboxBroker(self._engine, outbox_table=_TABLE, logger=quiet)
        fetch, flush = (500, 50) if workers > 1 else (10, 1)  # 10 and 1 are its defaults

        @self._kafka.publisher(topic)
        @self._outbox.subscriber(
            _QUEUE,
            max_workers=workers,
            fetch_batch_size=fetch,
            terminal_flush_batch_size=flush,
            decoder=_raw,
        )
        async def relay(body: bytes, message: CurrentMessage) -> KafkaResponse:
            headers = dict(message.headers)
            return KafkaResponse(body, key=headers["ce_subject"].encode(), headers=headers)

    @staticmethod
    async def create_table(database: Database) -> None:
        """The library's table, made by the owner role."""
        assert database.migration_dsn
        owner = create_async_engine(asyncpg_url(database.migration_dsn.get_secret_value()))
        async with owner.begin() as connection:
            await connection.run_sync(_METADATA.create_all)
        await owner.dispose()

    async def publish(self, events: Sequence[Message]) -> float:
        """Write the rows, wait until the table is empty; returns seconds from commit to then."""
        await self._kafka.connect()
        await self._outbox.start()
        try:
            async with self._engine.begin() as connection:
                await connection.execute(
                    insert(_TABLE),
                    [{"queue": _QUEUE, "payload": e.data, "headers": e.headers()} for e in events],
                )
                await self._outbox.publish(b"", queue="wake-up", session=connection)
                started = time.perf_counter()
            await eventually(self._empty, within=60, pause=0.02)
            return time.perf_counter() - started
        finally:
            await self._outbox.stop()
            await self._kafka.stop()
            await self._engine.dispose()

    async def _empty(self) -> bool:
        async with self._engine.connect() as connection:
            left = select(_TABLE.c.id).where(_TABLE.c.queue == _QUEUE).limit(1)
            return (await connection.scalar(left)) is None


async def _raw(message: OutboxMessage) -> bytes:
    return bytes(message.body)
