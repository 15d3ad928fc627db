"""Whether a worker's consumer groups have something to read; a group that has nothing is loud.

Kafka's client is content without partitions, and with topics that are gone. A worker looks every
ten seconds: it creates its own topics again, logs which topics nobody reads, and ends if a group
has had nothing to read for a minute.
"""

import asyncio
import logging
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

from servicekit.consumer_group import ConsumerGroup
from servicekit.kafka import connection, ensure_topics
from servicekit.metrics import CONSUMER_PARTITIONS
from servicekit.settings import Kafka

log = logging.getLogger(__name__)

_LOOK_SECONDS = 10
_MEMBERS, _ASSIGNMENT = 5, 4  # positions in Kafka's answer


class NothingToRead(Exception):
    """A consumer group has had no partition of its topics for too long."""


class PartitionWatch:
    """Looks after the groups of one worker."""

    def __init__(
        self, kafka: Kafka, readers: Sequence[tuple[ConsumerGroup, AIOKafkaConsumer]]
    ) -> None:
        self._kafka, self._readers = kafka, readers
        self._idle_since: dict[str, float] = {}

    async def run(self, patience_seconds: float, look_seconds: float = _LOOK_SECONDS) -> None:
        """Raises NothingToRead after `patience_seconds`."""
        while True:
            await asyncio.sleep(look_seconds)
            for group, consumer in self._readers:
                self._count(group, consumer)
            try:
                await self._create_again()
                for group, consumer in self._readers:
                    await self._look(group, consumer, patience_seconds)
            except (KafkaError, OSError) as error:
                log.warning("cannot look after partitions: %s: %s", type(error).__name__, error)

    def _count(self, group: ConsumerGroup, consumer: AIOKafkaConsumer) -> None:
        own = [p.topic for p in consumer.assignment()]
        for topic in (*group.topics, group.retry_topic.name):
            CONSUMER_PARTITIONS.labels(group.name, topic).set(own.count(topic))

    async def _create_again(self) -> None:
        own = [topic for group, _ in self._readers for topic in group.own_topics]
        if created := await ensure_topics(self._kafka, own):
            log.warning("created again: %s", ", ".join(created))

    async def _look(
        self, group: ConsumerGroup, consumer: AIOKafkaConsumer, patience: float
    ) -> None:
        own = {partition.topic for partition in consumer.assignment()}
        unread = set(group.topics) - own
        if unread:  # by this worker; another member may have them
            unread -= await topics_of_members(self._kafka, group.name)
        now = asyncio.get_running_loop().time()
        if not unread:
            self._idle_since.pop(group.name, None)
            return
        if group.name not in self._idle_since:  # the group may be dividing its partitions
            self._idle_since[group.name] = now
            return
        waited = now - self._idle_since[group.name]
        log.error(
            "%s: nobody has read %s for %.0f s", group.name, ", ".join(sorted(unread)), waited
        )
        if unread == set(group.topics) and waited > patience:
            raise NothingToRead(group.name)


async def topics_of_members(kafka: Kafka, group: str) -> set[str]:
    """The topics of which a member of the group, in any process, has a partition."""
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        [answer] = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    assignments = [member[_ASSIGNMENT] for member in answer.groups[0][_MEMBERS]]
    return {
        partition.topic
        for data in assignments
        if data
        for partition in ConsumerProtocolMemberAssignment.decode(data).partitions()
    }
