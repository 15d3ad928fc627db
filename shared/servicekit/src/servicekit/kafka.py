"""How to connect to Kafka, and how to create the topics that the platform needs."""

import argparse
import asyncio
import ssl
from collections.abc import Coroutine, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError
from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
from pydantic import ValidationError

from contracts.registry import TOPICS, Topic
from servicekit import client_faults
from servicekit.settings import Kafka, KafkaOfOperator, what_is_wrong

# A dead letter is the unchanged record, up to Kafka's own limit of 1 MiB, and more headers.
MAX_RECORD_BYTES = 2 * 1024 * 1024
METADATA_MAX_AGE_MS = 3_000  # A topic that is lost, or there again, is seen within seconds.
_LOADING_SECONDS = 30
_ENDING_SECONDS = 0.3
_ending: set[asyncio.Task[None]] = set()  # so that none is collected before it is done
_DAY_MS = 24 * 60 * 60 * 1000
_SASL = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}

client_faults.put_right()


def security(kafka: Kafka) -> BaseSecurity:
    """TLS and login, for FastStream. Raises OSError if the CA file cannot be read."""
    tls = "SSL" in kafka.security_protocol
    context = _context(kafka.ssl_ca_file) if tls else None
    if kafka.sasl_username is None or kafka.sasl_password is None:
        return BaseSecurity(ssl_context=context, use_ssl=tls)
    password = kafka.sasl_password.get_secret_value()
    return _SASL[kafka.sasl_mechanism](kafka.sasl_username, password, context, use_ssl=tls)


@cache
def _context(ca_file: Path | None) -> ssl.SSLContext:
    """Made once: to read the system's authorities takes a tenth of a second."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def connection(kafka: Kafka) -> dict[str, Any]:
    """Where Kafka is, TLS and login, for every client of aiokafka. Raises as `security` does."""
    return {"bootstrap_servers": kafka.bootstrap_servers, **parse_security(security(kafka))}


async def ensure_topics(kafka: Kafka, topics: Iterable[Topic]) -> list[str]:
    """Create the topics that do not exist; returns their names.

    Raises KafkaError if the broker cannot be reached or refuses.
    """
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in existing]
        response = await admin.create_topics(
            [
                NewTopic(
                    name=topic.name,
                    num_partitions=topic.partitions,
                    replication_factor=kafka.replication_factor,
                    topic_configs=configuration(topic),
                )
                for topic in missing
            ]
        )
        for name, code, *message in response.topic_errors:
            if code not in (0, TopicAlreadyExistsError.errno):
                raise KafkaError(f"topic {name} was not created: {message or code}")
        return [topic.name for topic in missing]
    finally:
        await end(admin.close())


async def end(stop: Coroutine[Any, Any, None]) -> None:
    """End a client, without waiting for what may take half a minute over TLS: the broker's last
    word on a connection. It goes on by itself."""
    task = asyncio.create_task(stop)
    _ending.add(task)
    task.add_done_callback(_ending.discard)
    await asyncio.wait({task}, timeout=_ENDING_SECONDS)
    if task.done():
        task.result()


async def group_topics(kafka: Kafka, more: Iterable[str] = ()) -> list[Topic]:
    """The own topics of the platform's consumer groups: those that Kafka knows, and more."""
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        known = await _known_groups(admin)
    finally:
        await end(admin.close())
    owners = tuple(f"{topic.owner}." for topic in TOPICS.values())
    ours = [name for name in known if name.startswith(owners) and not name.endswith(".redrive")]
    return [topic for name in sorted({*ours, *more}) for topic in own_topics(name)]


async def _known_groups(admin: AIOKafkaAdminClient) -> list[str]:
    """All consumer groups. A broker that has just started reads them first, and is waited for."""
    deadline = asyncio.get_running_loop().time() + _LOADING_SECONDS
    while True:
        try:
            return [name for name, *_ in await admin.list_consumer_groups()]
        except KafkaError as error:
            if not error.retriable or asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.5)


def own_topics(group: str) -> list[Topic]:
    """A consumer group's topic for dead letters, and the one where they are sent again."""
    owner = group.split(".")[0]
    return [Topic(f"{group}.{s}", owner, "internal", partitions=1) for s in ("dlq", "retry")]


def configuration(topic: Topic) -> dict[str, str]:
    """What the topic has other than the broker's defaults, as Kafka names it."""
    configuration = {
        "retention.ms": str(topic.retention_days * _DAY_MS),
        # The broker's clock: by it old records are deleted, and those of the future refused.
        "message.timestamp.type": "LogAppendTime",
    }
    if topic.name.endswith((".dlq", ".retry")):
        configuration["max.message.bytes"] = str(MAX_RECORD_BYTES)
    return configuration


def add_connection(parser: argparse.ArgumentParser) -> None:
    """Add the options for the connection to Kafka."""
    parser.add_argument(
        "--bootstrap-servers",
        metavar="HOST:PORT",
        help="(default: KAFKA_BOOTSTRAP_SERVERS; TLS and login: KAFKA_SECURITY_PROTOCOL"
        " and the other KAFKA_ variables named as the services' settings)",
    )


def connection_of(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> Kafka:
    """The arguments and the environment together. Ends the command if something is missing."""
    given = {
        name: value
        for name, value in vars(arguments).items()
        if name in Kafka.model_fields and value is not None
    }
    try:
        return KafkaOfOperator(**given)
    except ValidationError as error:
        if any(problem["type"] == "missing" for problem in error.errors()):
            parser.error("give --bootstrap-servers or set KAFKA_BOOTSTRAP_SERVERS")
        parser.error("; ".join(what_is_wrong("KAFKA_", error)))


async def _create(kafka: Kafka, groups: Iterable[str]) -> tuple[list[str], int]:
    wanted = [*TOPICS.values(), *await group_topics(kafka, groups)]
    return await ensure_topics(kafka, wanted), len(wanted)


def main() -> None:
    """Create every topic that is missing: those of the contracts, and the consumer groups' own."""
    parser = argparse.ArgumentParser(prog="python -m servicekit.topics", description=main.__doc__)
    add_connection(parser)
    parser.add_argument(
        "--replication-factor", type=int, metavar="N", help="copies of each new topic (default: 1)"
    )
    parser.add_argument(
        "--group",
        action="append",
        default=[],
        help="a consumer group that Kafka does not know yet (may be repeated); a worker creates"
        " its groups' topics too, at its start and when they are lost",
    )
    arguments = parser.parse_args()
    kafka = connection_of(parser, arguments)
    try:
        created, wanted = asyncio.run(_create(kafka, arguments.group))
    except KafkaConnectionError as error:
        parser.exit(1, f"Kafka does not answer at {kafka.bootstrap_servers}: {error}\n")
    except KafkaError as error:
        parser.exit(1, f"Kafka refuses: {type(error).__name__}: {error}\n")
    except OSError as error:
        parser.exit(1, f"KAFKA_SSL_CA_FILE cannot be used: {error}\n")
    print(f"topics: {len(created)} created, {wanted - len(created)} were there")
