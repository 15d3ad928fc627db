"""Commands for the databases' backups. See docs/runbooks/restore.md."""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from devstack.backup import report
from devstack.backup.archive import Archive
from devstack.backup.restore import restore
from devstack.options import StackError


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m devstack.backup",
        description="Keep backups of PostgreSQL, restore them to a point in time, verify reports.",
        epilog="See docs/runbooks/restore.md.",
    )
    commands = top.add_subparsers(dest="command", required=True)
    receive = commands.add_parser("archive", help="receive the write-ahead log, until stopped")
    copy = commands.add_parser("copy", help="make a base copy; `archive` has to run")
    back = commands.add_parser("restore", help="make a data folder as it was at a time")
    for command in (receive, copy, back):
        command.add_argument("folder", type=Path, metavar="FOLDER", help="where the backups are")
    for command in (receive, copy):
        command.add_argument(
            "--dsn",
            default=os.environ.get("POSTGRES_ADMIN_DSN"),
            help="of a login that may replicate (default: POSTGRES_ADMIN_DSN)",
        )
    for command in (copy, back):
        command.add_argument("--region", required=True, help="whose backup it is")
    back.add_argument("--to", type=Path, required=True, metavar="PGDATA", help="not there yet")
    back.add_argument(
        "--at", type=_moment, metavar="TIME", help="ISO 8601, UTC if bare (default: the latest)"
    )
    check = commands.add_parser("verify", help="check the signature of a drill's report")
    check.add_argument("report", type=Path)
    check.add_argument("--key", type=Path, required=True, metavar="PUBLIC_KEY")
    return top


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def main(argv: Sequence[str]) -> int:
    """Run one command; returns the exit code: 1 for a failure, 2 for wrong usage."""
    top = parser()
    arguments = top.parse_args(argv)
    if arguments.command in ("archive", "copy") and not arguments.dsn:
        top.error("give --dsn or set POSTGRES_ADMIN_DSN")
    try:
        return asyncio.run(_run(arguments))
    except StackError as error:
        print(f"backup: {error}", file=sys.stderr)
    except OSError as error:
        print(f"backup: {type(error).__name__}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nbackup: stopped", file=sys.stderr)
    return 1


async def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "verify":
        found = report.verify(arguments.report, arguments.key)
        passed = "passed" if found["passed"] else "NOT passed"
        print(f"signed; the drill of {found['written_at']} was {passed}")
        return 0
    archive = Archive(arguments.folder.resolve())
    if arguments.command == "archive":
        command, env = archive.receiver(arguments.dsn)
        ended = await asyncio.to_thread(lambda: subprocess.run(command, env=env))  # noqa: S603
        return ended.returncode
    if arguments.command == "copy":
        print(await archive.copy(arguments.dsn, arguments.region))
        return 0
    done = await restore(archive, arguments.to.resolve(), arguments.region, arguments.at)
    print(f"{arguments.to} is ready: {len(done.rows)} tables in {done.seconds:.0f} s.")
    print("Next: docs/runbooks/restore.md, from 'Start'.")
    return 0
