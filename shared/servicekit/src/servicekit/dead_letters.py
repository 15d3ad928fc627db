"""An operator's commands for dead letters: list them, send them again, or discard them.

A letter is sent to its group's own topic `<group>.retry`, so that no other group receives it again.
A letter that was sent again or discarded is deleted: those in `<group>.dlq` wait for an operator.
After a crash in between, a letter is sent twice; the group's inbox drops the second copy.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError

from servicekit.consumer_group import ConsumerGroup
from servicekit.dead_letter_record import original
from servicekit.kafka import add_connection, connection, connection_of, ensure_topics
from servicekit.relay import create_producer
from servicekit.settings import Kafka
from servicekit.topic_reader import TopicUnreadable, records

_SUFFIX = ".dlq"
_TITLES = ("group", "offset", "from", "type", "error", "code", "age")


class CannotHandle(Exception):
    """The command is refused, with a reason for the operator; nothing was changed."""


async def groups(kafka: Kafka) -> list[str]:
    """The consumer groups that have a topic for dead letters."""
    async with _admin(kafka) as admin:
        topics = await admin.list_topics()
    return sorted(topic.removesuffix(_SUFFIX) for topic in topics if topic.endswith(_SUFFIX))


async def waiting(kafka: Kafka, group: str) -> list[ConsumerRecord]:
    """The letters that wait now, oldest first."""
    return [letter async for letter in records(kafka, f"{group}{_SUFFIX}")]


async def redrive(kafka: Kafka, group: str, count: int | None = None) -> AsyncIterator[str]:
    """Send the oldest letters, or all, to the group's own retry topic; yields a line for each.

    Raises CannotHandle while another redrive or discard runs, KafkaError, or ValueError for a
    record that is not a dead letter.
    """
    topic = ConsumerGroup(group, {}).retry_topic
    await ensure_topics(kafka, [topic])
    producer = create_producer(kafka)
    await producer.start()
    try:
        async with _alone(kafka, group), _admin(kafka) as admin:
            for letter in (await waiting(kafka, group))[:count]:
                record = original(letter)
                await producer.send_and_wait(
                    topic.name, record.value, key=record.key, headers=record.headers
                )
                await _delete(admin, letter)
                yield "sent again  " + "  ".join(describe(letter))
    finally:
        await producer.stop()


async def discard(kafka: Kafka, group: str, count: int | None = None) -> AsyncIterator[str]:
    """Delete the oldest letters, or all, for good. Yields and raises as `redrive` does."""
    async with _alone(kafka, group), _admin(kafka) as admin:
        for letter in (await waiting(kafka, group))[:count]:
            await _delete(admin, letter)
            yield "discarded  " + "  ".join(describe(letter))


def describe(letter: ConsumerRecord) -> tuple[str, ...]:
    """What an operator may see: never the payload, nor a header that a service did not write."""
    texts = {name: ascii(value.decode(errors="replace"))[1:-1] for name, value in letter.headers}
    place = [texts.get(f"dlq_origin_{part}", "?") for part in ("topic", "partition", "offset")]
    return (
        letter.topic.removesuffix(_SUFFIX),
        str(letter.offset),
        "/".join(place),
        texts.get("ce_type", "unreadable"),
        texts.get("dlq_error", "?"),
        texts.get("dlq_code") or "-",
        f"{(time.time() - letter.timestamp / 1000) / 3600:.1f} h",
    )


def _partition(group: str) -> TopicPartition:
    return TopicPartition(group + _SUFFIX, 0)


@asynccontextmanager
async def _admin(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def _alone(kafka: Kafka, group: str) -> AsyncIterator[None]:
    """Exclude other redrives and discards of this group: be the only member of a consumer group."""
    member_of = f"{group}{_SUFFIX}.redrive"
    async with _admin(kafka) as admin:
        [answer] = await admin.describe_consumer_groups([member_of])
        if answer.groups[0][5]:  # members
            raise CannotHandle(f"{group}: another redrive or discard is running")
    consumer = AIOKafkaConsumer(
        group + _SUFFIX,
        **connection(kafka),
        group_id=member_of,
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        if not consumer.assignment():
            raise CannotHandle(f"{group}: another redrive or discard is running")
        yield
    finally:
        await consumer.stop()


async def _delete(admin: AIOKafkaAdminClient, letter: ConsumerRecord) -> None:
    partition = TopicPartition(letter.topic, letter.partition)
    await admin.delete_records({partition: RecordsToDelete(before_offset=letter.offset + 1)})


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m servicekit.dead_letters",
        description="List dead letters, send them again after a fix, or discard them.",
        epilog="See docs/runbooks/dead-letters.md.",
    )
    add_connection(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="show what waits; payloads are never shown")
    listing.add_argument("--group", help="one consumer group (default: all)")
    for name, text in (
        ("redrive", "send letters to their group again, oldest first; each takes effect once"),
        ("discard", "delete letters for good, oldest first"),
    ):
        command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        command.add_argument("--group", required=True, help="the consumer group, see `list`")
        amount = command.add_mutually_exclusive_group(required=True)
        amount.add_argument("--count", type=_positive, metavar="N", help="only the N oldest")
        amount.add_argument("--all", action="store_true", help="all that wait now")
        command.add_argument("--dry-run", action="store_true", help="only show what would be done")
    return parser


async def _run(kafka: Kafka, arguments: argparse.Namespace) -> None:
    known = await groups(kafka)
    if arguments.group and arguments.group not in known:
        raise CannotHandle(f"no group {arguments.group}; there are: {', '.join(known) or 'none'}")
    if arguments.command == "list" or arguments.dry_run:
        chosen = [arguments.group] if arguments.group else known
        letters = [letter for group in chosen for letter in await waiting(kafka, group)]
        _print_table([describe(letter) for letter in letters[: getattr(arguments, "count", None)]])
        return
    handle = redrive if arguments.command == "redrive" else discard
    async for line in handle(kafka, arguments.group, arguments.count):
        print(line, flush=True)
    print(f"{len(await waiting(kafka, arguments.group))} left")


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(_TITLES, *rows, strict=True)]
    for row in (_TITLES, *rows) if rows else ():
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())
    print(f"{len(rows)} dead letters")


def main() -> None:
    """The command."""
    parser = _parser()
    arguments = parser.parse_args()
    kafka = connection_of(parser, arguments)
    try:
        asyncio.run(_run(kafka, arguments))
    except (CannotHandle, TopicUnreadable, ValueError, KafkaError, OSError) as error:
        parser.exit(1, f"dead letters: {error or type(error).__name__}\n")


if __name__ == "__main__":
    main()
