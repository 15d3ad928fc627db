"""`python -m demo`: run the main job on a stack of its own, count, report. See `--help`."""

import argparse
import asyncio
import fcntl
import json
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import Any

import httpx

import devstack
from demo import outcome, report, scale, summary, systems, template
from demo.api import Api, DemoError
from demo.ledger import Ledger
from demo.observer import WATCHER, Observer
from demo.organisation import read_persons, read_units
from demo.people import People
from demo.progress import Progress, progress
from demo.resources import Resources
from demo.story import FIRST, SECOND, Course, Story
from devstack import Stack, StackError, StackOptions
from devstack.display import Progress as StackProgress
from devstack.display import address_lines
from devstack.options import Layout

DIRECTORY = devstack.CHECKOUT / ".stack" / "demo"
# Time is compressed: a closed round's keys are destroyed after 2 s, not after a minute, and a round
# is closed when all have read their mail, so that nobody is reminded.
COMPRESSED = {
    "ASSESSMENT_ROUND_KEYS__CACHE_SECONDS": "1",
    "NOTIFICATION_REMINDERS__AT_MOST": "0",
}

# Faults of servers and of the machine. Any other error is the demo's own.
_OUTSIDE = (DemoError, StackError, TimeoutError, OSError, httpx.HTTPError)
_WRITTEN = (
    "report (Swedish)",
    "report (English)",
    "technical count (Swedish)",
    "technical count (English)",
    "figures",
)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command line; exits with 2 for a wrong one."""
    parser = argparse.ArgumentParser(
        "make demo",
        usage='make demo ARGS="OPTIONS"',
        description="Run the whole introduction on sample data: pilot, gate, decision, waves. "
        "Writes demo-report.html, demo-technical.html (both also in English) and "
        "demo-result.json.",
    )
    parser.add_argument("--units", type=int, default=16, help="units that take part (default 16)")
    parser.add_argument("--seed", type=int, default=7, help="decides simulated answers (default 7)")
    parser.add_argument("--keep", action="store_true", help="leave the stack up for a look")
    parser.add_argument(
        "--traces", action="store_true", help="collect traces; with --keep, look at them in Zipkin"
    )
    parser.add_argument(
        "--out", type=Path, default=devstack.CHECKOUT, help="where to write report and result"
    )
    parser.add_argument(
        "--directory", type=Path, default=DIRECTORY, help="the stack's files (default .stack/demo)"
    )
    arguments = parser.parse_args(argv)
    arguments.directory = arguments.directory.resolve()
    if not scale.SMALLEST <= arguments.units <= scale.LARGEST:
        parser.error(f"--units: choose a number from {scale.SMALLEST} to {scale.LARGEST}")
    return arguments


async def demo(arguments: argparse.Namespace) -> dict[str, Any]:
    """Set up, run, count. Returns the result; raises DemoError or StackError."""
    begun = monotonic()
    if await devstack.stop_stack(arguments.directory):
        print("the stack of an earlier demo was still up; it is stopped", flush=True)
    devstack.delete_data(arguments.directory)
    work = arguments.directory / "demo"
    shutil.rmtree(work, ignore_errors=True)
    scale.write(work, arguments.units)
    options = StackOptions(
        directory=arguments.directory,
        traces=arguments.traces,
        persons_file=work / "persons.csv",
        service_environment=COMPRESSED,
    )
    async with _stack(options, arguments.keep) as stack:
        setup = monotonic() - begun
        print(f"the stack is ready after {setup:.1f} s; follow the demo in the portal:")
        print("\n".join(address_lines(stack.env)), flush=True)
        return await _with_stack(arguments, stack, work, setup)


@asynccontextmanager
async def _stack(options: StackOptions, keep: bool) -> AsyncIterator[Stack]:
    """A stack that is stopped at the end, unless it is to be kept for a look."""
    try:
        with StackProgress() as shown:
            stack = await devstack.launch(options, shown, die_with_us=not keep)
        yield stack
    except asyncio.CancelledError:
        keep = False
        raise
    finally:
        if not keep:
            print("stopping the stack", flush=True)
            await asyncio.shield(devstack.stop_stack(options.directory))


async def _with_stack(
    arguments: argparse.Namespace, stack: Stack, work: Path, setup: float
) -> dict[str, Any]:
    env = stack.env
    started_at, begun = datetime.now(UTC), monotonic()
    log = Ledger(work / "ledger.jsonl")
    api = Api(env, log)
    try:
        with progress() as shown:
            shown.phase("0 Ready: other systems listen, people sign in")
            async with systems.running(env, stack.directory, work) as outside:
                resources = Resources(stack.state.pid)
                measuring = asyncio.create_task(resources.run())
                story = await _run(arguments, stack, api, outside, work, shown)
                took = monotonic() - begun
                shown.phase("6 Count: what was asked for against what happened")
                found, counted, dead = await outcome.audit(story, env)
                measuring.cancel()
    finally:
        await api.close()
        log.close()
    seconds = {"setup": round(setup, 1), "story": round(took, 1)}
    seconds["count"] = round(monotonic() - begun - took, 1)
    about = {
        "started_at": started_at.isoformat(timespec="seconds"),
        "seed": arguments.seed,
        "seconds": seconds,
        "resources": resources.figures(),
        "phases": [{"phase": part, "seconds": spent} for part, spent in story.course.phases],
    }
    return outcome.result(story, found, counted, dead, about)


async def _run(
    arguments: argparse.Namespace,
    stack: Stack,
    api: Api,
    outside: systems.Systems,
    work: Path,
    shown: Progress,
) -> Story:
    units, roster = read_units(work / "units.csv"), read_persons(work / "persons.csv")
    people = People(api, roster, arguments.seed)
    personas = sorted({f"person:{row.person_id}" for row in roster})
    await api.sign_in([FIRST, SECOND, WATCHER, systems.OWNER, *personas])
    plan, patience = template.scaled(units)
    observer = Observer(api, people, shown)
    course = Course(roster=[(datetime.min.replace(tzinfo=UTC), roster)])
    story = Story(api, observer, people, shown, stack, outside, units, plan, patience, course)
    async with asyncio.TaskGroup() as group:
        living = [group.create_task(people.run()), group.create_task(observer.run())]
        await story.run()
        await observer.look()
        for task in living:
            task.cancel()
    return story


def finish(arguments: argparse.Namespace, done: dict[str, Any]) -> int:
    """Write report and result, print the summary; 1 when something did not complete."""
    pages, data = report.write(done, arguments.out), arguments.out / "demo-result.json"
    data.write_text(json.dumps(done, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(summary.lines(done)))
    print()
    for what, path in zip(_WRITTEN, (*pages, data), strict=True):
        print(f"{what:<27} {path}")
    if arguments.keep:
        print("\nThe stack stays up:")
        print("\n".join(address_lines(Stack(arguments.directory).env)))
        print(f"All addresses: {Layout(arguments.directory).env}")
        elsewhere = arguments.directory != DIRECTORY.resolve()
        name = f" DIRECTORY={arguments.directory}" if elsewhere else ""
        print(
            f"make status{name} lists it, make token{name} gives a token, make down{name} ends it"
        )
    wrong = outcome.shortcomings(done)
    for sentence in wrong:
        print(f"demo: not complete: {sentence}", file=sys.stderr)
    return 1 if wrong else 0


def _writable(directory: Path) -> bool:
    """Whether the directory, made if need be, can be written to; says so when not."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=directory):
            return True
    except OSError as error:
        reason = f"{directory} cannot be written to ({error.strerror})"
        print(f"demo: {reason}; choose other --out and --directory", file=sys.stderr)
        return False


def main(argv: Sequence[str]) -> int:
    """Run; returns the exit code."""
    arguments = parse(argv)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # Swedish on any terminal
    if not (_writable(arguments.directory) and _writable(arguments.out)):
        return 1
    with (arguments.directory / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(
                "demo: another demo runs here; wait for it, or choose another --directory",
                file=sys.stderr,
            )
            return 1
        try:
            return finish(arguments, asyncio.run(_until_signal(arguments)))
        except (KeyboardInterrupt, asyncio.CancelledError):
            print("\ndemo: stopped; nothing is left running", file=sys.stderr)
            return 130
        except BaseExceptionGroup as group:
            return _failed(_first(group), arguments.directory)
        except _OUTSIDE as error:
            return _failed(error, arguments.directory)


async def _until_signal(arguments: argparse.Namespace) -> dict[str, Any]:
    task = asyncio.current_task()
    assert task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await demo(arguments)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _failed(error: BaseException, directory: Path) -> int:
    if not isinstance(error, _OUTSIDE):
        raise error
    text = str(error) or f"a server did not answer ({type(error).__name__})"
    print(f"demo: {text}\nLogs: {directory / 'log'}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
