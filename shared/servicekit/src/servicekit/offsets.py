"""How far the consumer groups are: kept beside the databases' backups, and set after a restore.

A group's offset is committed after its effect. So offsets that were read before a moment never skip
an event that a database restored to that moment has not taken, and the inbox drops the others.
"""

import argparse
import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, OffsetAndMetadata, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    UnknownMemberIdError,
)

from contracts.registry import TOPICS
from servicekit.kafka import add_connection, connection, connection_of, end
from servicekit.settings import Kafka

Offsets = dict[str, dict[TopicPartition, int]]
"""By consumer group: the next record of each partition."""
_OWNERS = tuple(sorted({f"{topic.owner}." for topic in TOPICS.values()}))


class CannotSet(Exception):
    """The reason, for an operator. The command may be given again."""


async def read(kafka: Kafka) -> Offsets:
    """Of each of the platform's groups. Raises KafkaError while Kafka is away."""
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        known = [name for name, *_ in await admin.list_consumer_groups()]
        ours = [name for name in known if name.startswith(_OWNERS)]
        found = {name: await admin.list_consumer_group_offsets(name) for name in ours}
    finally:
        await end(admin.close())
    kept = {
        name: {partition: at.offset for partition, at in offsets.items() if at.offset >= 0}
        for name, offsets in found.items()
    }
    return {name: offsets for name, offsets in kept.items() if offsets}


def line(offsets: Offsets, at: datetime) -> str:
    """One line of the file. `at`: when they had been read."""
    groups = {
        name: {f"{partition.topic}/{partition.partition}": n for partition, n in of.items()}
        for name, of in sorted(offsets.items())
    }
    return json.dumps({"at": at.isoformat(), "groups": groups}) + "\n"


def latest(file: Path, at: datetime) -> tuple[datetime, Offsets]:
    """The last that were read before `at`, and when. Raises CannotSet."""
    found: dict[str, Any] | None = None
    try:
        with file.open(encoding="utf-8") as lines:
            for text in lines:
                entry = json.loads(text)
                if datetime.fromisoformat(entry["at"]) <= at:
                    found = entry
    except OSError as error:
        raise CannotSet(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        if found is None:
            raise CannotSet(f"{file} is damaged: it is not one of `save`") from error
    if found is None:
        raise CannotSet(f"{file} has no offsets from before {at}")
    return datetime.fromisoformat(found["at"]), {
        name: {_partition(key): n for key, n in of.items()} for name, of in found["groups"].items()
    }


def _partition(text: str) -> TopicPartition:
    topic, _, number = text.rpartition("/")
    return TopicPartition(topic, int(number))


def back_to(kept: Offsets, now: Offsets, service: str) -> Offsets:
    """The service's offsets as they were kept; what it had not read by then, from the beginning."""
    return {
        group: {partition: kept.get(group, {}).get(partition, 0) for partition in offsets}
        for group, offsets in now.items()
        if group.startswith(f"{service}.")
    }


async def set_to(kafka: Kafka, wanted: Offsets) -> None:
    """Raises CannotSet as soon as a process reads for one of the groups; KafkaError."""
    for group, offsets in wanted.items():
        consumer = AIOKafkaConsumer(**connection(kafka), group_id=group, enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign(list(offsets))
            await consumer.commit({p: OffsetAndMetadata(n, "") for p, n in offsets.items()})
        except (CommitFailedError, IllegalGenerationError, UnknownMemberIdError) as error:
            raise CannotSet(f"somebody reads for {group}: stop the workers first") from error
        finally:
            await end(consumer.stop())


async def ends(kafka: Kafka, of: Offsets) -> Offsets:
    """Where the partitions of these groups end now."""
    consumer = AIOKafkaConsumer(**connection(kafka), enable_auto_commit=False)
    await consumer.start()
    try:
        there = await consumer.topics()
        return {
            name: await consumer.end_offsets([p for p in offsets if p.topic in there])
            for name, offsets in of.items()
        }
    finally:
        await end(consumer.stop())


async def save(kafka: Kafka, file: Path, every: float) -> None:
    """Add a line every few seconds, until cancelled. While Kafka is away, none is added."""
    while True:
        try:
            found = await read(kafka)
            with file.open("a", encoding="utf-8") as lines:
                lines.write(line(found, datetime.now(UTC)))
        except KafkaError as error:
            print(f"Kafka does not answer: {type(error).__name__}", flush=True)
        await asyncio.sleep(every)


async def _run(kafka: Kafka, arguments: argparse.Namespace) -> None:
    if arguments.command == "save":
        await save(kafka, arguments.file, arguments.every)
        return
    if arguments.command == "set-back":
        at, kept = latest(arguments.file, arguments.at)
        wanted = back_to(kept, await read(kafka), arguments.service)
        if not wanted:
            raise CannotSet(f"{arguments.service} has no consumer group")
        what = f"as they were at {at.isoformat()}"
    else:
        wanted, what = await ends(kafka, await read(kafka)), "to the end of their topics"
    await set_to(kafka, wanted)
    print(f"offsets of {len(wanted)} groups set {what}")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m servicekit.offsets",
        description="Keep the offsets of the consumer groups, and set them after a restore.",
        epilog="See docs/runbooks/restore.md.",
    )
    add_connection(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    saving = commands.add_parser("save", help="add a line to FILE every few seconds, until stopped")
    saving.add_argument("file", type=Path, metavar="FILE")
    saving.add_argument("--every", type=float, default=5, metavar="SECONDS", help="(default: 5)")
    back = commands.add_parser("set-back", help="one service's groups, to before a moment")
    back.add_argument("file", type=Path, metavar="FILE")
    back.add_argument("--at", type=_moment, required=True, metavar="TIME", help="ISO 8601")
    back.add_argument("--service", required=True, help="the one whose database was restored")
    commands.add_parser("skip", help="all groups, to the end: when every database was restored")
    arguments = parser.parse_args()
    kafka = connection_of(parser, arguments)
    try:
        asyncio.run(_run(kafka, arguments))
    except CannotSet as error:
        parser.exit(1, f"offsets: {error}\n")
    except (KafkaError, OSError) as error:
        parser.exit(1, f"offsets: Kafka refuses: {type(error).__name__}: {error}\n")
    except KeyboardInterrupt:
        parser.exit(0)


if __name__ == "__main__":
    main()
