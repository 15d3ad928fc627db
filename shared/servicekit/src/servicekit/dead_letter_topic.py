"""The topic `<group>.dlq` of a consumer group: which letters wait in it, and how they are handled.

A letter is sent again to its group's own topic `<group>.retry`, so that no other group receives it.
Kafka deletes only the oldest records of a topic. A letter that is handled while an older one waits
is therefore followed by a mark, a record whose header `dlq_handled` has its offset; both are
deleted once no older one waits. After a crash between sending and deleting, a letter is sent twice;
the group's inbox drops the second copy.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError

from servicekit.dead_letter_record import original
from servicekit.kafka import connection, end, ensure_topics, own_topics
from servicekit.relay import create_producer
from servicekit.settings import Kafka
from servicekit.topic_reader import TopicUnreadable, records

SUFFIX = ".dlq"
_MARK = "dlq_handled"
_LONGEST = 200  # characters of a header


class CannotHandle(Exception):
    """It is refused, with a reason for the operator; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Description:
    """What an operator may see: never the payload, nor a header that a service did not write."""

    group: str
    offset: int
    origin: str
    type: str
    error: str
    code: str
    attempts: str
    at: datetime


def describe(letter: ConsumerRecord) -> Description:
    """Each text has 200 characters of ASCII at most."""
    texts = {
        name: ascii(value.decode(errors="replace"))[1:-1][:_LONGEST]
        for name, value in letter.headers
    }
    place = [texts.get(f"dlq_origin_{part}", "?") for part in ("topic", "partition", "offset")]
    return Description(
        group=letter.topic.removesuffix(SUFFIX),
        offset=letter.offset,
        origin="/".join(place),
        type=texts.get("ce_type", "unreadable"),
        error=texts.get("dlq_error", "?"),
        code=texts.get("dlq_code", ""),
        attempts=texts.get("dlq_attempts", "?"),
        at=datetime.fromtimestamp(letter.timestamp / 1000, UTC),
    )


async def groups(kafka: Kafka, owner: str = "") -> list[str]:
    """The consumer groups that have a topic for dead letters; `owner`: those of one service.

    Raises TopicUnreadable.
    """
    async with _admin(kafka) as admin:
        topics = await admin.list_topics()
    names = (topic.removesuffix(SUFFIX) for topic in topics if topic.endswith(SUFFIX))
    return sorted(name for name in names if not owner or name.startswith(f"{owner}."))


async def waiting(kafka: Kafka, groups: Sequence[str]) -> list[ConsumerRecord]:
    """The groups' letters that wait now, each group's oldest first. Raises TopicUnreadable."""
    topics = [f"{group}{SUFFIX}" for group in groups]
    return _waiting([record async for record in records(kafka, topics)]) if topics else []


class Letters:
    """The letters of one group, for the only one who handles them now; `waiting`: oldest first."""

    def __init__(
        self,
        found: Sequence[ConsumerRecord],
        retry_topic: str,
        admin: AIOKafkaAdminClient,
        producer: AIOKafkaProducer,
    ) -> None:
        """`found`: all that the topic holds."""
        self.waiting = _waiting(found)
        self._end = found[-1].offset + 1 if found else 0
        self._retry_topic, self._admin, self._producer = retry_topic, admin, producer

    async def send_again(self, letter: ConsumerRecord) -> None:
        """To its group. Raises KafkaError, or ValueError for a record that is no dead letter."""
        record = original(letter)
        await self._producer.send_and_wait(
            self._retry_topic, record.value, key=record.key, headers=record.headers
        )
        await self.discard(letter)

    async def discard(self, letter: ConsumerRecord) -> None:
        """For good. Raises KafkaError."""
        place = self.waiting.index(letter)
        if place == 0:
            before = self.waiting[1].offset if len(self.waiting) > 1 else self._end
            partition = TopicPartition(letter.topic, letter.partition)
            await self._admin.delete_records({partition: RecordsToDelete(before_offset=before)})
        else:
            mark = [(_MARK, str(letter.offset).encode())]
            sent = await self._producer.send_and_wait(letter.topic, b"", key=b"", headers=mark)
            if sent.offset == self._end:  # No letter has come in between.
                self._end += 1
        del self.waiting[place]


@asynccontextmanager
async def alone(kafka: Kafka, group: str) -> AsyncIterator[Letters]:
    """The group's letters, while nobody else sends again or discards any of them.

    Raises CannotHandle while somebody else does, and TopicUnreadable also where what is done with
    them meets a KafkaError.
    """
    retry = own_topics(group)[1]
    async with _only_member(kafka, group), _admin(kafka) as admin, _producer(kafka) as producer:
        await ensure_topics(kafka, [retry])
        found = [record async for record in records(kafka, [group + SUFFIX])]
        yield Letters(found, retry.name, admin, producer)


def _waiting(found: Sequence[ConsumerRecord]) -> list[ConsumerRecord]:
    letters, handled = [], set()
    for record in found:
        headers = dict(record.headers)
        # Anybody may have written the header of a mark, but a letter always has its origin.
        if _MARK in headers and "dlq_origin_topic" not in headers:
            handled.add((record.topic, headers[_MARK].decode()))
        else:
            letters.append(record)
    return [one for one in letters if (one.topic, str(one.offset)) not in handled]


@asynccontextmanager
async def _admin(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**connection(kafka))
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        raise TopicUnreadable(f"{type(error).__name__}: {error}") from error
    finally:
        await end(admin.close())


@asynccontextmanager
async def _producer(kafka: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    producer = create_producer(kafka)
    try:
        await producer.start()
        yield producer
    finally:
        await end(producer.stop())


@asynccontextmanager
async def _only_member(kafka: Kafka, group: str) -> AsyncIterator[None]:
    """Be the only member of a consumer group, so that nobody else is."""
    member_of = f"{group}{SUFFIX}.redrive"
    async with _admin(kafka) as admin:
        [answer] = await admin.describe_consumer_groups([member_of])
    if answer.groups[0][5]:  # members
        raise CannotHandle(f"{group}: another redrive or discard is running")
    consumer = AIOKafkaConsumer(
        group + SUFFIX,
        **connection(kafka),
        group_id=member_of,
        enable_auto_commit=False,
    )
    try:
        await consumer.start()
        if not consumer.assignment():
            raise CannotHandle(f"{group}: another redrive or discard is running")
        yield
    except KafkaError as error:
        raise TopicUnreadable(f"{type(error).__name__}: {error}") from error
    finally:
        await end(consumer.stop())
