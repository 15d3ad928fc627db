"""One event's handler in its span, and what is counted and logged when it fails."""

import logging

from opentelemetry.trace import SpanKind

from contracts import Event
from servicekit import dead_letter_record, telemetry
from servicekit.consumer_group import ConsumerGroup, EventMeta, Item
from servicekit.db import SqlUnitOfWork
from servicekit.failures import is_cancelled
from servicekit.metrics import CONSUMER_WAITS

log = logging.getLogger(__name__)

_DEAD_LETTERS_IN_A_ROW = 100


class TooManyDeadLetters(Exception):
    """So many records in a row failed that the fault is more likely here than in the records."""


class InARow:
    """Counts dead letters without a success between them, for as long as the process lives."""

    def __init__(self) -> None:
        self._count = 0

    def count(self, group: str, applied: int, buried: int) -> None:
        self._count = 0 if applied else self._count + buried
        if self._count >= _DEAD_LETTERS_IN_A_ROW:
            raise TooManyDeadLetters(f"{group}: {self._count} dead letters in a row")


async def handle(group: ConsumerGroup, item: Item, uow: SqlUnitOfWork) -> Event:
    """Run the event's handler in the open unit of work."""
    assert item.message
    assert item.event
    message = item.message
    meta = EventMeta(message.id, message.type, message.time, message.traceparent, message.data)
    with telemetry.span(
        f"process {item.record.topic}",
        kind=SpanKind.CONSUMER,
        traceparent=message.traceparent,
        # https://opentelemetry.io/docs/specs/semconv/messaging/kafka/
        attributes={
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": item.record.topic,
            "messaging.destination.partition.id": str(item.record.partition),
            "messaging.kafka.offset": item.record.offset,
            "messaging.consumer.group.name": group.name,
            "messaging.message.id": str(message.id),
        },
    ):
        await group.handlers[type(item.event)](item.event, uow, meta)
    return item.event


def report_wait(group: ConsumerGroup, item: Item, error: Exception) -> None:
    """Count and log that this record is tried again, and why."""
    slow = is_cancelled(error)
    CONSUMER_WAITS.labels(group.name, "timeout" if slow else "away").inc()
    log.warning(
        "%s: %s waits: %s: %s",
        *(group.name, "/".join(dead_letter_record.origin(item.record).values())),
        "a statement took too long" if slow else "a server is away",
        type(error).__name__,
    )
