"""What a consumer group takes and does, and how its records are read."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import KafkaAckableMessage

from contracts import Event, EventDecodingError, Message
from contracts.registry import TOPICS, Topic
from servicekit.dead_letter_record import origin
from servicekit.kafka import own_topics
from servicekit.record_batch import is_odd


@dataclass(frozen=True)
class EventMeta:
    """What the envelope says about an event, and the event's own bytes as they were published."""

    id: UUID
    type: str
    time: datetime
    traceparent: str | None
    data: bytes = b""


class ForeignEvent(EventDecodingError):
    """Somebody has sent an event that is not theirs to send."""

    code = "event-foreign"


Handler = Callable[[Any, Any, EventMeta], Awaitable[None]]


@dataclass(frozen=True)
class ConsumerGroup:
    """A consumer group: which event types it takes, and what each of them does.

    `handlers[EventClass](event, uow, meta)` runs inside the open unit of work and never commits.
    `after_commit(events)` is a hint that may be lost in a crash; no effect may depend on it.
    """

    name: str
    handlers: Mapping[type[Event], Handler]
    after_commit: Callable[[Sequence[Event]], Awaitable[None]] | None = None

    @property
    def topics(self) -> list[str]:
        return sorted({event.TOPIC for event in self.handlers})

    @property
    def dead_letter_topic(self) -> Topic:
        return self.own_topics[0]

    @property
    def retry_topic(self) -> Topic:
        """Where its dead letters are sent again, so that no other group receives them."""
        return self.own_topics[1]

    @property
    def own_topics(self) -> list[Topic]:
        return own_topics(self.name)


@dataclass(frozen=True)
class Item:
    """A record as far as it could be read: with an event, of an unknown type, or malformed."""

    record: ConsumerRecord
    message: Message | None = None
    event: Event | None = None
    malformed: EventDecodingError | None = None

    @property
    def id(self) -> UUID:
        """The event's id; for a record without one, its place in Kafka."""
        return self.message.id if self.message else self.place

    @property
    def place(self) -> UUID:
        """An id of the record itself: the same event sent again is another record.

        When a topic was lost, its offsets begin anew: two records differ in time and content.
        """
        record = self.record
        content = sha256(repr((record.key, record.value, record.headers)).encode()).hexdigest()
        place = f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp}"
        return uuid5(NAMESPACE_URL, f"kafka:{place}/{content}")


def read(record: ConsumerRecord, group: ConsumerGroup) -> Item:
    """The record as far as it can be read. Never raises."""
    message = None
    try:
        message = Message.from_record(record.headers, record.value)
        if any(is_odd(name) for name, _ in record.headers):
            raise EventDecodingError("a header's name is not UTF-8")
        event = message.decode({event.TYPE: event for event in group.handlers})
        _refuse_foreign(record, message, event)
        return Item(record, message, event)
    except KeyError:
        return Item(record, message)
    except EventDecodingError as error:
        return Item(record, message, malformed=error)


def _refuse_foreign(record: ConsumerRecord, message: Message, event: Event) -> None:
    """Raises ForeignEvent unless the topic's owner has sent an event of this topic.

    Kafka refuses others too, where services have accounts. Here it is seen without them.
    """
    topic = origin(record)["dlq_origin_topic"]
    if topic != event.TOPIC:
        raise ForeignEvent(f"{message.type} came by the topic {topic}")
    if topic in TOPICS and message.source != TOPICS[topic].source:
        raise ForeignEvent(f"{topic} belongs to {TOPICS[topic].source}")


def message_of(records: tuple[ConsumerRecord, ...], consumer: AIOKafkaConsumer) -> KafkaMessage:
    """The records as FastStream takes them.

    Its own parser decodes headers and skips what it cannot decode. This one cannot fail: whatever
    arrives reaches the group.
    """
    first = records[0]
    return KafkaAckableMessage(
        body=b"",
        headers={},
        batch_headers=[],
        path={},
        reply_to="",
        content_type=None,
        correlation_id="",
        message_id=f"{first.topic}/{first.partition}/{first.offset}",
        raw_message=records,
        consumer=consumer,
    )
