"""The bench's command line: starts servers of its own, measures, prints one table.

Seconds depend on the machine and are reported as ratios, never judged; a lost, doubled or
reordered record, or a counter above its limit, makes the bench fail.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import devstack
from bench import (
    answers,
    counters,
    exchange,
    imports,
    latency,
    people_process,
    portal,
    relay,
    releases,
    report,
    waves,
)
from bench.figures import Say, Section
from devstack import Stack, StackError, StackOptions
from support.npm_packages import PackageUnavailable
from support.stack import PREFIX, remove_abandoned

ROOT = Path(__file__).resolve().parents[2]
Part = Callable[[Stack, bool, Say], Awaitable[Section]]
PARTS: dict[str, Part] = {
    "relay": relay.measure,
    "answers": answers.measure,
    "releases": releases.measure,
    "exchange": exchange.measure,
    "waves": waves.measure,
    "latency": latency.measure,
    "imports": imports.measure,
    "portal": portal.measure,
    "counters": counters.measure,
}
DEADLINE_SECONDS = 600  # of a part; it should take a fifth of this


def main() -> int:
    """Measure and report; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; may be repeated")
    parser.add_argument("--quick", action="store_true", help="shorter: 2 to 3 minutes")
    parser.add_argument("--output", type=Path, default=ROOT / "bench.json", metavar="FILE")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)  # the clients log retries as errors
    try:
        return asyncio.run(_run(arguments.only or list(PARTS), arguments.quick, arguments.output))
    except (StackError, PackageUnavailable, AssertionError) as error:
        print(f"bench: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
    return 1


async def _run(parts: list[str], quick: bool, output: Path) -> int:
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {text}"[:80], file=sys.stderr, flush=True)

    say("starting the servers")
    parent = Path(tempfile.gettempdir())
    await remove_abandoned(parent)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    people = directory / "people.csv"
    people_process.write_people(people)
    options = StackOptions(directory=directory, services=False, persons_file=people)
    try:
        async with devstack.running(options) as stack:
            on = await report.machine(stack.env["POSTGRES_ADMIN_DSN"])
            sections = [await _measure(name, stack, quick, say) for name in parts]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print(report.table(on, sections))
    report.write_json(output, on, sections)
    print(f"\n{time.monotonic() - started:.0f} s in all; every run is in {output}")
    wrong = [c.name for section in sections for c in section.counters if not c.ok]
    if wrong:
        print(f"bench: above the limit: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


async def _measure(part: str, stack: Stack, quick: bool, say: Say) -> Section:
    """Raises StackError if the part takes far longer than it should."""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS) as deadline:
            return await PARTS[part](stack, quick, say)
    except TimeoutError:
        if not deadline.expired():
            raise
        message = f"{part} was not done after {DEADLINE_SECONDS} s; the machine is too busy"
        raise StackError(message) from None
