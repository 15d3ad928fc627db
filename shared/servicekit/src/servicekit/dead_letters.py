"""An operator's commands for dead letters: list them, send them again, or discard them.

An API has the same for single letters (`servicekit.dead_letter_routes`).
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence

from aiokafka import ConsumerRecord

from servicekit.dead_letter_topic import CannotHandle, alone, describe, groups, waiting
from servicekit.kafka import add_connection, connection_of
from servicekit.settings import Kafka
from servicekit.topic_reader import TopicUnreadable

_TITLES = ("group", "offset", "from", "type", "error", "code", "age")


async def redrive(kafka: Kafka, group: str, count: int | None = None) -> AsyncIterator[str]:
    """Send the oldest letters, or all, to the group's own retry topic; yields a line for each.

    Raises CannotHandle while another redrive or discard runs, TopicUnreadable, or ValueError for a
    record that is not a dead letter.
    """
    async with alone(kafka, group) as letters:
        for letter in letters.waiting[:count]:
            await letters.send_again(letter)
            yield "sent again  " + "  ".join(_row(letter))


async def discard(kafka: Kafka, group: str, count: int | None = None) -> AsyncIterator[str]:
    """Delete the oldest letters, or all, for good. Yields and raises as `redrive` does."""
    async with alone(kafka, group) as letters:
        for letter in letters.waiting[:count]:
            await letters.discard(letter)
            yield "discarded  " + "  ".join(_row(letter))


def _row(letter: ConsumerRecord) -> tuple[str, ...]:
    seen = describe(letter)
    what = (seen.origin, seen.type, seen.error, seen.code or "-")
    return (
        seen.group,
        str(seen.offset),
        *what,
        f"{(time.time() - seen.at.timestamp()) / 3600:.1f} h",
    )


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
        letters = await waiting(kafka, chosen)
        _print_table([_row(letter) for letter in letters[: getattr(arguments, "count", None)]])
        return
    handle = redrive if arguments.command == "redrive" else discard
    async for line in handle(kafka, arguments.group, arguments.count):
        print(line, flush=True)
    print(f"{len(await waiting(kafka, [arguments.group]))} left")


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
    except (CannotHandle, TopicUnreadable, ValueError, OSError) as error:
        parser.exit(1, f"dead letters: {error or type(error).__name__}\n")


if __name__ == "__main__":
    main()
