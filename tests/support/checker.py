"""What an outside checker reads: topics by a Kafka client of its own, tables by plain SQL.

Nothing here imports the services or servicekit: a bug in them cannot hide itself.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord


async def read_topics(bootstrap_servers: str, *topics: str) -> list[ConsumerRecord]:
    """Every record on the topics now, partition by partition in offset order."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap_servers,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        if not partitions:
            return []
        ends = await consumer.end_offsets(partitions)
        records: list[ConsumerRecord] = []
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                found = await consumer.getmany(partition, timeout_ms=1_000)
                records += found.get(partition, [])
        return records
    finally:
        await consumer.stop()


def header(record: ConsumerRecord, name: str) -> str | None:
    """A record's header as text."""
    return next((value.decode() for key, value in record.headers if key == name), None)


@dataclass(frozen=True)
class Difference:
    """How what is there differs from what should be there, by id."""

    lost: frozenset[str]
    unexpected: frozenset[str]
    duplicated: frozenset[str]
    expected: int  # How many were to be there: a comparison of nothing with nothing shows nothing.

    @property
    def clean(self) -> bool:
        return not (self.lost or self.unexpected or self.duplicated)


def compare(expected: Iterable[str], found: Iterable[str]) -> Difference:
    """Compare the ids that must be there exactly once with the ids that are there."""
    wanted, counts = set(expected), Counter(found)
    return Difference(
        lost=frozenset(wanted - counts.keys()),
        unexpected=frozenset(counts.keys() - wanted),
        duplicated=frozenset(i for i, n in counts.items() if n > 1),
        expected=len(wanted),
    )


def out_of_order(records: Iterable[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """(key, before, after) for each version of a key that first appears after a higher one.

    Copies of what was seen before are no disorder: consumers drop them by their inbox.
    """
    highest: dict[str, int] = {}
    seen: set[tuple[str, int]] = set()
    wrong = []
    for key, version in records:
        if (key, version) not in seen and version < highest.get(key, 0):
            wrong.append((key, highest[key], version))
        seen.add((key, version))
        highest[key] = max(version, highest.get(key, 0))
    return wrong
