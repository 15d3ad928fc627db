"""The only way to consume: inbox rows, effects and new events in one transaction per batch.

The offset is committed after that transaction. A record that cannot be taken goes to the group's
dead-letter topic, through the outbox, in the same transaction. FastStream's own acknowledgement
policies lose or block records, so nothing outside this module may subscribe.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from contracts import Event
from servicekit import dead_letter_record, inbox, record_batch
from servicekit.consumer_group import ConsumerGroup, Item, message_of, read
from servicekit.db import SqlUnitOfWork
from servicekit.failures import is_unavailable
from servicekit.handling import InARow, handle, report_wait
from servicekit.kafka import METADATA_MAX_AGE_MS, ensure_topics, security
from servicekit.lag import Progress
from servicekit.metrics import CONSUMER_RETRIES, EVENTS_CONSUMED, PROCESS_DURATION
from servicekit.partitions import PartitionWatch
from servicekit.patience import EagerConsumer, limit_patience
from servicekit.problems import Refusal
from servicekit.settings import Kafka

log = logging.getLogger(__name__)

_MAX_RECORDS = 500
_IDLE_MS = 1  # FastStream sleeps this long when none have come; EagerConsumer does the waiting.
_FETCH_WAIT_MS = 5_000  # An idle consumer asks the broker as often as this; records come at once.
_ATTEMPTS = 3


class Ending(Exception):
    """Another consumer group of the process has failed: no more records are taken."""


class Consumer:
    """All consumer groups of one service, as a component of a worker process."""

    PATIENCE_SECONDS = 30.0  # Wait so long for a server; then the process ends and is restarted.
    IDLE_SECONDS = 45.0  # A group may be without partitions for so long.
    LOOK_SECONDS = 10.0

    def __init__(
        self,
        kafka: Kafka,
        uow: Callable[[], SqlUnitOfWork],
        groups: Sequence[ConsumerGroup],
    ) -> None:
        self._kafka = kafka
        self._uow = uow
        self.progress = [Progress(group) for group in groups]
        self._broken: asyncio.Future[None] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until stopped. Raises what retries did not solve; the offset then stays."""
        self._broken = asyncio.get_running_loop().create_future()
        record_batch.read_everything()
        await self._reach_kafka(stop)
        if stop.is_set():
            return
        broker = KafkaBroker(
            self._kafka.bootstrap_servers,
            security=security(self._kafka),
            graceful_timeout=10,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            consumer_only=True,  # else FastStream creates topics, each with one partition
            logger=None,
        )
        subscribers = [self._subscribe(broker, wanted) for wanted in self.progress]
        try:
            readers = await self._start(broker, subscribers)
            watch = PartitionWatch(self._kafka, readers)
            watching = asyncio.create_task(watch.run(self.IDLE_SECONDS, self.LOOK_SECONDS))
            watching.add_done_callback(self._on_end)
            stopping = asyncio.ensure_future(stop.wait())
            either: set[asyncio.Future[Any]] = {stopping, self._broken}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            watching.cancel()
            if self._broken.done():
                await self._broken
        finally:
            await broker.stop()

    async def _start(
        self, broker: KafkaBroker, subscribers: Sequence[Any]
    ) -> list[tuple[ConsumerGroup, AIOKafkaConsumer]]:
        await broker.connect()
        builder: Any = broker.config.broker_config.builder
        broker.config.broker_config.builder = partial(EagerConsumer, **builder.keywords)
        await broker.start()
        readers = []
        for progress, subscriber in zip(self.progress, subscribers, strict=True):
            reader = progress.reader = subscriber.consumer
            readers.append((progress.group, reader))
            limit_patience(reader, progress.group.name, self.PATIENCE_SECONDS, self._fail)
            for task in subscriber.tasks:
                task.add_done_callback(self._on_end)
        return readers

    def _on_end(self, reading: "asyncio.Task[Any]") -> None:
        """The task that reads has failed. FastStream would try again without end, in silence."""
        if not reading.cancelled() and (error := reading.exception()):
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        assert self._broken is not None
        if not self._broken.done():
            log.error("reading from Kafka failed: %s: %s", type(error).__name__, error)
            self._broken.set_exception(error)

    async def _reach_kafka(self, stop: asyncio.Event) -> None:
        """Wait for the broker, creating the groups' own topics. Gives up after a while."""
        topics = [topic for one in self.progress for topic in one.group.own_topics]
        deadline = asyncio.get_running_loop().time() + self.PATIENCE_SECONDS
        while not stop.is_set():
            try:
                await ensure_topics(self._kafka, topics)
                return
            except Exception:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.5)

    def _subscribe(self, broker: KafkaBroker, progress: Progress) -> Any:
        group = progress.group

        async def parse(records: tuple[ConsumerRecord, ...], _: Any) -> KafkaMessage:
            return message_of(records, subscriber.consumer)

        async def decode(message: KafkaMessage) -> Any:
            return message.body

        subscriber = broker.subscriber(
            *group.topics,
            group.retry_topic.name,
            group_id=group.name,
            batch=True,
            max_records=_MAX_RECORDS,
            batch_timeout_ms=_IDLE_MS,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            session_timeout_ms=self._kafka.session_timeout_ms,
            heartbeat_interval_ms=self._kafka.session_timeout_ms // 3,
            parser=parse,
            decoder=decode,
        )
        dead_letters = InARow()

        @subscriber
        async def take(message: KafkaMessage) -> None:
            assert self._broken is not None
            if self._broken.done():  # The process is ending; leave the records alone.
                await asyncio.sleep(0.2)
                raise Ending
            try:
                raw: Any = message.raw_message
                progress.take(raw)
                with PROCESS_DURATION.labels(group.name).time():
                    await self._consume(group, raw, dead_letters)
                progress.done()
            except Exception as error:
                if not self._broken.done():
                    self._broken.set_exception(error)
                raise

        return subscriber

    async def _consume(
        self,
        group: ConsumerGroup,
        records: Sequence[ConsumerRecord],
        dead_letters: InARow,
    ) -> None:
        items = [read(record, group) for record in records]
        try:
            applied, buried = await self._apply(group, items)
        except Exception as error:
            CONSUMER_RETRIES.labels(group.name).inc()
            log.info("%s: one by one after %s", group.name, type(error).__name__)
            applied = []
            for item in items:
                applied += await self._apply_alone(group, item, dead_letters)
        else:
            dead_letters.count(group.name, len(applied), buried)
        if group.after_commit and applied:
            try:
                await group.after_commit(applied)
            except Exception as error:
                log.warning("%s: hint lost: %s", group.name, type(error).__name__)

    async def _apply(self, group: ConsumerGroup, items: Sequence[Item]) -> tuple[list[Event], int]:
        """One transaction for all items; returns what took effect, and how many were set aside."""
        applied: list[Event] = []
        results: list[tuple[str, str]] = []
        async with self._uow() as uow:
            connection = uow.connection
            graveyard = group.dead_letter_topic.name
            fresh = await inbox.claim(connection, group.name, [i.id for i in items if i.event])
            unburied = [item.place for item in items if item.malformed]
            fresh |= await inbox.claim(connection, graveyard, unburied) if unburied else set()
            for item in items:
                kind = item.message.type if item.message else "unreadable"
                if item.event is None and item.malformed is None:
                    results.append((kind, "unknown_type"))
                elif (item.place if item.malformed else item.id) not in fresh:
                    results.append((kind, "duplicate"))
                elif item.malformed:
                    await self._bury(uow, group, item, item.malformed, attempts=1)
                    results.append((kind, "malformed"))
                else:
                    fresh.discard(item.id)
                    applied.append(await handle(group, item, uow))
                    results.append((kind, "applied"))
        for kind, result in results:
            EVENTS_CONSUMED.labels(group.name, kind, result).inc()
        return applied, sum(result == "malformed" for _, result in results)

    async def _apply_alone(
        self, group: ConsumerGroup, item: Item, dead_letters: InARow
    ) -> list[Event]:
        """Try one record: wait while a server is away, set it aside if it cannot be taken.

        What a timeout ends waits too: no attempt can distinguish a lock from an event that
        is always too slow, and a lock would make a dead letter of every event behind it.
        """
        loop = asyncio.get_running_loop()
        deadline, attempts = loop.time() + self.PATIENCE_SECONDS, 0
        while True:
            try:
                applied, buried = await self._apply(group, [item])
            except Exception as error:
                attempts += 1
                if is_unavailable(error):
                    report_wait(group, item, error)
                    if loop.time() > deadline:
                        log.error("%s: the process ends and the offset stays", group.name)
                        raise
                elif isinstance(error, Refusal) or attempts >= _ATTEMPTS:
                    buried = await self._bury_alone(group, item, error, attempts)
                    dead_letters.count(group.name, applied=0, buried=buried)
                    return []
                await asyncio.sleep(min(0.1 * 2**attempts, 5))
            else:
                dead_letters.count(group.name, len(applied), buried)
                return applied

    async def _bury_alone(
        self, group: ConsumerGroup, item: Item, error: Exception, attempts: int
    ) -> int:
        """Returns how many records were set aside now: 0 if this one was set aside before."""
        # Not claimed for the group itself, so that it can take effect after it is sent again.
        graveyard = group.dead_letter_topic.name
        async with self._uow() as uow:
            fresh = await inbox.claim(uow.connection, graveyard, [item.place])
            if fresh:
                await self._bury(uow, group, item, error, attempts)
        kind = item.message.type if item.message else "unreadable"
        EVENTS_CONSUMED.labels(group.name, kind, "dead_letter").inc()
        return len(fresh)

    async def _bury(
        self,
        uow: SqlUnitOfWork,
        group: ConsumerGroup,
        item: Item,
        error: Exception,
        attempts: int,
    ) -> None:
        record, topic = item.record, group.dead_letter_topic.name
        log.error(
            "%s: %s to %s after %s",
            *(group.name, "/".join(dead_letter_record.origin(record).values()), topic),
            type(error).__name__,
            exc_info=None if item.malformed else error,
        )
        await dead_letter_record.write(uow.connection, topic, record, error, attempts)
