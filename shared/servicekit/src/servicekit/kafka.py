"""Topics as the platform needs them, and the one place that talks to Kafka's admin API."""

import argparse
import asyncio
import os
from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError

from contracts.registry import TOPICS, Topic

# A dead letter is the record as it came, up to Kafka's own limit of 1 MiB, and more headers.
MAX_RECORD_BYTES = 2 * 1024 * 1024
_DAY_MS = 24 * 60 * 60 * 1000


async def ensure_topics(
    bootstrap_servers: str, topics: Iterable[Topic], replication_factor: int = 1
) -> list[str]:
    """Create the topics that do not exist; returns their names.

    Raises KafkaError if the broker cannot be reached or refuses.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in existing]
        response = await admin.create_topics(
            [
                NewTopic(
                    name=topic.name,
                    num_partitions=topic.partitions,
                    replication_factor=replication_factor,
                    topic_configs=_configuration(topic),
                )
                for topic in missing
            ]
        )
        for name, code, *message in response.topic_errors:
            if code not in (0, TopicAlreadyExistsError.errno):
                raise KafkaError(f"topic {name} was not created: {message or code}")
        return [topic.name for topic in missing]
    finally:
        await admin.close()


def _configuration(topic: Topic) -> dict[str, str]:
    configuration = {"retention.ms": str(topic.retention_days * _DAY_MS)}
    if topic.name.endswith((".dlq", ".retry")):
        configuration["max.message.bytes"] = str(MAX_RECORD_BYTES)
    return configuration


def main() -> None:
    """Create every topic of the contracts."""
    parser = argparse.ArgumentParser(prog="servicekit.topics", description=main.__doc__)
    parser.add_argument(
        "--bootstrap-servers", default=os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), required=False
    )
    parser.add_argument("--replication-factor", type=int, default=1)
    arguments = parser.parse_args()
    if not arguments.bootstrap_servers:
        parser.error("give --bootstrap-servers or set KAFKA_BOOTSTRAP_SERVERS")
    try:
        created = asyncio.run(
            ensure_topics(
                arguments.bootstrap_servers, TOPICS.values(), arguments.replication_factor
            )
        )
    except KafkaConnectionError as error:
        parser.exit(1, f"Kafka does not answer at {arguments.bootstrap_servers}: {error}\n")
    print(f"topics: {len(created)} created, {len(TOPICS) - len(created)} were there")
