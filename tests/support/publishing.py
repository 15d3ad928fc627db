"""Events as a relay publishes them, for tests of those who consume them."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer

from contracts import Event, Message
from contracts.registry import TOPICS
from servicekit.kafka import ensure_topics
from servicekit.settings import Kafka


async def publish(bootstrap: str, *events: Event, traceparent: str | None = None) -> list[UUID]:
    """Publish each event twice, like a relay that crashes before it marks it; return their ids."""
    await ensure_topics(Kafka(bootstrap_servers=bootstrap), list(TOPICS.values()))
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    ids = []
    try:
        for event in events:
            message = Message(
                id=uuid4(),
                type=event.TYPE,
                source=TOPICS[event.TOPIC].source,
                time=datetime.now(UTC),
                subject=event.key,
                data=event.model_dump_json().encode(),
                traceparent=traceparent,
            )
            headers = [(name, value.encode()) for name, value in message.headers().items()]
            for _ in range(2):
                await producer.send_and_wait(
                    event.TOPIC, message.data, message.subject.encode(), headers=headers
                )
            ids.append(message.id)
    finally:
        await producer.stop()
    return ids
