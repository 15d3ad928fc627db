"""How far the consumer groups of one worker are behind, and what they have set aside."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from servicekit.consumer_group import ConsumerGroup
from servicekit.dead_letter_topic import SUFFIX, waiting
from servicekit.kafka import METADATA_MAX_AGE_MS, connection, end
from servicekit.settings import Kafka

_REQUEST_MS = 9_000
_POSITION_SECONDS = 0.3


class Progress:
    """How far one group has come in this process.

    `records` and `dead_letters` are None until Kafka has answered.
    """

    def __init__(self, group: ConsumerGroup) -> None:
        self.group = group
        self.reader: AIOKafkaConsumer | None = None
        self.records: int | None = None
        self.dead_letters: int | None = None
        self._in_hand: Sequence[ConsumerRecord] = ()
        self._oldest = self._at_end = time.time()

    @property
    def partitions(self) -> Collection[TopicPartition]:
        """What this process reads for the group."""
        return self.reader.assignment() if self.reader else ()

    def take(self, records: Sequence[ConsumerRecord]) -> None:
        """These are being handled from now on."""
        self._in_hand = records
        self._oldest = min(record.timestamp for record in records) / 1000

    def done(self) -> None:
        """They have taken effect, or were set aside."""
        self._in_hand = ()

    async def measure(self, end: Mapping[TopicPartition, int]) -> None:
        """Compare with the ends of its partitions."""
        known = set(self.partitions) & end.keys()
        read = await asyncio.gather(*(self._position(one, end[one]) for one in known))
        behind = [end[one] - next_ for one, next_ in zip(known, read, strict=True)]
        self.records = sum(max(0, count) for count in behind) + len(self._in_hand)
        if self.records == 0:
            self._at_end = time.time()

    async def _position(self, partition: TopicPartition, otherwise: int) -> int:
        """What is read next; `otherwise` while that is not known, as after a new assignment."""
        assert self.reader
        try:
            async with asyncio.timeout(_POSITION_SECONDS):
                return int(await self.reader.position(partition))
        except (TimeoutError, IllegalStateError):
            return otherwise

    def seconds(self, now: float) -> float:
        """The age of the oldest record that has not taken effect; of records that are not read yet
        the most that it can be. `now` is the servers' time (seconds since 1970)."""
        if self._in_hand:
            return max(0.0, now - self._oldest)
        return max(0.0, now - max(self._oldest, self._at_end)) if self.records else 0.0


class Lag:
    """Asks Kafka how far its partitions go. One connection, kept until Kafka is away."""

    def __init__(self, kafka: Kafka, groups: Sequence[Progress]) -> None:
        self.groups = groups
        self._kafka = kafka
        self._client: AIOKafkaConsumer | None = None
        self._extents: dict[TopicPartition, tuple[int, int]] = {}
        self._waiting: Counter[str] = Counter()

    async def measure(self) -> None:
        """Measure every group. Raises KafkaError or TimeoutError while Kafka is away."""
        try:
            await self._measure(await self._connected())
        except BaseException:
            await self.close()
            raise

    async def _measure(self, client: AIOKafkaConsumer) -> None:
        there = await client.topics()
        graves = {_grave(one.group) for one in self.groups}
        wanted = graves.union(*(one.partitions for one in self.groups))
        wanted = {partition for partition in wanted if partition.topic in there}
        end = await client.end_offsets(wanted)
        first = await client.beginning_offsets(wanted & graves)
        await self._count_letters({grave: (first[grave], end[grave]) for grave in first})
        for one in self.groups:
            one.dead_letters = self._waiting[one.group.dead_letter_topic.name]
            await one.measure(end)

    async def _count_letters(self, extents: dict[TopicPartition, tuple[int, int]]) -> None:
        """Read the topics of dead letters, if there is another record in one or one less."""
        if extents == self._extents:
            return
        filled = [grave.topic for grave, (first, end) in extents.items() if end > first]
        letters = await waiting(self._kafka, [topic.removesuffix(SUFFIX) for topic in filled])
        self._waiting = Counter(letter.topic for letter in letters)
        self._extents = extents

    async def _connected(self) -> AIOKafkaConsumer:
        if self._client is None:
            self._client = AIOKafkaConsumer(
                **connection(self._kafka),
                enable_auto_commit=False,
                request_timeout_ms=_REQUEST_MS,
                metadata_max_age_ms=METADATA_MAX_AGE_MS,
            )
            await self._client.start()
        return self._client

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(KafkaError, OSError):
                await end(client.stop())


def _grave(group: ConsumerGroup) -> TopicPartition:
    return TopicPartition(group.dead_letter_topic.name, 0)
