"""A process: named roles, their components, signals, and an exit code that shows how it ended."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeVar

import uvloop
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import DBAPIError

from servicekit import audit_verify, logs, loop_lag, migrations, replay, telemetry
from servicekit.dumps import forbid_dumps
from servicekit.durability import NotDurable, check_durability
from servicekit.failures import DRIVER_ERRORS
from servicekit.metrics import JOB_FAILURES, TARGET
from servicekit.settings import ProcessSettings, ServiceSettings, what_is_wrong

log = logging.getLogger(__name__)

_STOP_SECONDS = 20
_ONE_SHOTS = ("migrate", "replay", "audit verify")


class Component(Protocol):
    """A long-running part of a process.

    `run` returns soon after `stop` is set. If it raises, or returns before, the process ends
    with a non-zero code and is restarted from outside: the only state worth keeping is stored.
    """

    async def run(self, stop: asyncio.Event) -> None: ...


class App(Protocol):
    """What a service's bootstrap builds."""

    def components(self, roles: Sequence[str]) -> list[Component]: ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Every:
    """A component that runs a job again and again. A failure is counted and logged, not fatal.

    `seconds` is the time between two runs. A failed run is tried again after at least
    `after_failure` seconds, and after twice as many each time, up to 30.
    """

    seconds: float
    job: Callable[[], Awaitable[object]]
    name: str
    after_failure: float = 1.0

    async def run(self, stop: asyncio.Event) -> None:
        pause = self.seconds
        while not stop.is_set():
            try:
                await self.job()
                pause = self.seconds
            except Exception:
                JOB_FAILURES.labels(self.name).inc()
                log.exception("job %s failed; trying again", self.name)
                pause = min(max(pause * 2, self.after_failure), 30)
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue


async def run_components(components: Sequence[Component]) -> None:
    """Run all until SIGTERM or SIGINT. Raises what the first failing component raised."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(component.run(stop)) for component in components]
    stopping = asyncio.create_task(stop.wait())
    watching = asyncio.create_task(loop_lag.watch())
    try:
        ended, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
        early = [] if stop.is_set() else [one for one in tasks if one in ended]
        stop.set()
        _, slow = await asyncio.wait(tasks, timeout=_STOP_SECONDS)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        for task in tasks:
            if not task.cancelled() and (error := task.exception()):
                raise error
        if early:
            name = type(components[tasks.index(early[0])]).__name__
            how = "was cancelled from within" if early[0].cancelled() else "ended by itself"
            raise RuntimeError(f"{name} {how}")
    finally:
        stopping.cancel()
        watching.cancel()


SettingsT = TypeVar("SettingsT", bound=ProcessSettings)


def when_needed(module: str) -> Callable[[Any], App]:
    """The function `build` of the module, which is imported when it is called: a one-shot does
    without the application, and starts in half of the time."""
    return lambda settings: import_module(module).build(settings)


def service_main(
    name: str,
    settings: Callable[[], SettingsT],
    build: Callable[[SettingsT], App],
    migrations_folder: Path,
    roles: Sequence[str] = ("api", "worker"),
    jobs: Mapping[str, Callable[[Any], Awaitable[None]]] | None = None,
    with_events: bool = True,
) -> None:
    """`python -m <service> ROLE...` runs roles until stopped; a one-shot or a job runs and ends.

    `with_events`: it has an outbox and an audit trail, to replay and to verify.
    """
    jobs = jobs or {}
    one_shots = _ONE_SHOTS if with_events else ("migrate",)
    parser, arguments = _command_line(name, roles, [*one_shots, *jobs])
    command = " ".join(arguments.command)
    replaying = replay.chosen(parser, arguments) if command == "replay" else None
    try:
        config = settings()
    except (ValidationError, SettingsError) as error:
        for line in what_is_wrong(f"{name.upper()}_", error):
            print(f"setting {line}", file=sys.stderr)
        sys.exit(2)
    logs.configure(f"{name}-{'-'.join(arguments.command)}")
    if command == "migrate":
        _one_shot(command, lambda: migrations.upgrade(migrations_folder, config.db, roles=roles))
    elif command == "audit verify" and isinstance(config, ServiceSettings):
        _one_shot(command, partial(audit_verify.run, config, name))
    elif replaying:
        dsn, chosen = config.db.dsn.get_secret_value(), replaying
        _one_shot(command, lambda: asyncio.run(replay.run(dsn, chosen)))
    else:
        _serve(name, config, build, arguments.command, jobs.get(command))


def _one_shot(command: str, run: Callable[[], object]) -> None:
    """Ends the process with 1 if it fails, with a line that says why."""
    try:
        run()
    except replay.CannotReplay as error:
        sys.exit(f"{command}: {error}")
    except (OSError, DBAPIError, *DRIVER_ERRORS) as error:
        sys.exit(f"{command}: {type(error).__name__}: {error}")


def _serve(
    name: str,
    config: SettingsT,
    build: Callable[[SettingsT], App],
    roles: Sequence[str],
    job: Callable[[Any], Awaitable[None]] | None,
) -> None:
    if config.environment == "production":
        forbid_dumps()
    telemetry.configure(f"{name}-service", config.telemetry, config.environment)
    version = telemetry.version_of(f"{name}-service")
    TARGET.info({"service_name": f"{name}-service", "service_version": version})
    try:
        uvloop.run(_run(build, config, roles, job))
    except NotDurable as error:
        log.error("the process ends: %s", error)
        sys.exit(1)
    except Exception:
        log.exception("the process ends")
        sys.exit(1)
    finally:
        telemetry.shutdown()


def _command_line(
    name: str, roles: Sequence[str], one_shots: Sequence[str]
) -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    """The parser, and as `command` some roles or the words of a one-shot."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {name}_service",
        description=f"The {name} service. Roles may be combined; one-shots run alone.",
        epilog="Settings are read from the environment; see docs/generated/settings.md.",
    )
    parser.add_argument(
        "command",
        nargs="+",
        metavar="COMMAND",
        help=f"roles: {', '.join(roles)}; one-shots: {', '.join(one_shots)}",
    )
    replay.add_options(parser)
    arguments = parser.parse_args()
    command = " ".join(arguments.command)
    if command not in one_shots and not set(arguments.command) <= set(roles):
        parser.error(
            f"{command!r} is neither roles ({', '.join(roles)}) nor a one-shot, which runs alone"
            f" ({', '.join(one_shots)})"
        )
    if arguments.since and command != "replay":
        parser.error("--since is for replay")
    return parser, arguments


async def _run(
    build: Callable[[SettingsT], App],
    config: SettingsT,
    roles: Sequence[str],
    job: Callable[[Any], Awaitable[None]] | None,
) -> None:
    app = build(config)
    try:
        if job:
            await job(app)
        else:
            await check_durability(config.db.dsn.get_secret_value())
            await run_components(app.components(roles))
    finally:
        await app.close()
