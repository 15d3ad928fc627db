"""Commands of the local stack. Messages go to standard error, results to standard output."""

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from devstack import artifacts, client
from devstack.check import checked
from devstack.debian_package import program
from devstack.display import Progress, address_lines, status_lines
from devstack.lock import is_running
from devstack.options import CHECKOUT, Layout, StackError, StackOptions
from devstack.servers import kafka
from devstack.service_env import PROCESSES
from devstack.shell import exports
from devstack.tokens import platform_token, token

DIRECTORY = CHECKOUT / ".stack"
KEPT_DEMO = DIRECTORY / "demo"  # where `make demo ARGS=--keep` leaves its stack


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser("devstack", description="The local stack of the platform.")
    top.add_argument(
        "--directory",
        type=Path,
        help="where the stack keeps its files (default: UM_STACK_DIRECTORY, else .stack in the "
        "checkout, or .stack/demo if only a kept demo runs)",
    )
    commands = top.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start the stack and leave it running")
    down = commands.add_parser("down", help="stop the stack; its data stay")
    down.add_argument("--delete-data", action="store_true", help="forget the data too")
    commands.add_parser("status", help="list the processes")
    logs = commands.add_parser("logs", help="print a process's log; without a name, list them")
    logs.add_argument("name", nargs="?", help="process, for example assessment-api")
    logs.add_argument("-f", "--follow", action="store_true", help="go on printing")
    logs.add_argument("-n", "--lines", type=int, default=50, help="lines from the end (50)")
    for name, text in (
        ("stop", "stop processes until 'start'; the rest goes on"),
        ("start", "start what was stopped, and return when it is ready"),
        ("restart", "stop and start processes, one after the other"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument(
            "names", nargs="+", metavar="NAME", help="a process, or a service: all its processes"
        )
    commands.add_parser(
        "settings",
        help="print addresses and the services' settings for a shell",
        description='For eval "$(python -m devstack settings)" in a shell of its own, and again'
        " after a restart of the stack: a command of a service, psql and temporal then mean this"
        " stack. The services' settings are those of their workers.",
    )
    give = commands.add_parser("token", help="print a bearer token of a sample persona")
    give.add_argument("persona", help="administrator, manager, ..., or person:<person_id>")
    run = commands.add_parser("run", help="start a fresh stack, run a command in it, stop it")
    for command in (up, run):
        command.add_argument("--servers-only", action="store_true", help="no services")
        command.add_argument("--traces", action="store_true", help="collect traces, show in Zipkin")
        command.add_argument("--metrics", action="store_true", help="run Prometheus with its rules")
    run.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- CMD ...")
    commands.add_parser("artifacts", help="download and check the Java archives, and Prometheus")
    return top


def main(argv: Sequence[str]) -> int:
    """Run one command; returns the exit code: 1 for a failure, 2 for wrong usage."""
    arguments = parser().parse_args(argv)
    if arguments.directory is None:
        arguments.directory = _default_directory(arguments.command)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "up": up,
        "down": down,
        "status": status,
        "logs": logs,
        "stop": stop,
        "start": start,
        "restart": restart,
        "settings": settings,
        "token": give_token,
        "run": run,
        "artifacts": fetch,
    }
    for sign in (signal.SIGTERM, signal.SIGHUP):  # ends like Ctrl-C: nothing is left behind
        signal.signal(sign, signal.default_int_handler)
    try:
        code = commands[arguments.command](arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except StackError as error:
        print(f"devstack: {error}", file=sys.stderr)
        return 2 if arguments.command == "token" else 1
    except KeyboardInterrupt:
        print("\ndevstack: stopped", file=sys.stderr)
        return 130


def _default_directory(command: str) -> Path:
    asks = command in ("down", "status", "logs", "stop", "start", "restart", "settings", "token")
    if asks and "UM_STACK_DIRECTORY" in os.environ:
        return Path(os.environ["UM_STACK_DIRECTORY"])
    return KEPT_DEMO if asks and not is_running(DIRECTORY) and is_running(KEPT_DEMO) else DIRECTORY


def _options(arguments: argparse.Namespace) -> StackOptions:
    directory = arguments.directory.resolve()
    return StackOptions(
        directory=directory,
        services=not arguments.servers_only,
        traces=arguments.traces,
        metrics=arguments.metrics,
    )


def up(arguments: argparse.Namespace) -> int:
    """Start, then print every address; a stack that is up already is left as it is."""
    options = _options(arguments)
    began = time.monotonic()
    if client.runs_as(options):
        stack = client.attach(options.directory)
        print("The stack is up already.")
    else:
        with Progress() as progress:
            stack = asyncio.run(client.launch(options, progress))
        print(f"The stack is up after {time.monotonic() - began:.1f} s.")
    print("\n".join(address_lines(stack.env, options.services)))
    print(f"All addresses: {Layout(options.directory).env}")
    return 0


def down(arguments: argparse.Namespace) -> int:
    """Stop; say so when there was nothing to stop."""
    was_up = asyncio.run(client.stop_stack(arguments.directory.resolve()))
    print("The stack is down." if was_up else "No stack was running.")
    if arguments.directory != KEPT_DEMO and is_running(KEPT_DEMO):
        print("The stack of a kept demo still runs: 'make down' once more ends it.")
    if arguments.delete_data:
        print("Its data are deleted." if client.delete_data(arguments.directory) else "No data.")
    return 0


def status(arguments: argparse.Namespace) -> int:
    """Print the table as it is now, also during a start; exit 1 when nothing runs."""
    state = client.look(arguments.directory.resolve())
    print("\n".join(status_lines(asyncio.run(checked(state)))))
    return 0


def logs(arguments: argparse.Namespace) -> int:
    """Print the end of a log, and go on when asked."""
    layout = Layout(arguments.directory.resolve())
    names = sorted(path.stem for path in layout.logs.glob("*.log"))
    if arguments.name is None:
        print("\n".join(names) or "No logs yet: run 'make up'.")
        return 0
    if arguments.name not in names:
        raise StackError(f"no log of '{arguments.name}'; there are: {', '.join(names) or 'none'}")
    tail = shutil.which("tail") or "/usr/bin/tail"
    follow = ["-F"] if arguments.follow else []
    path = str(layout.log(arguments.name))
    code = subprocess.run([tail, "-n", str(arguments.lines), *follow, path]).returncode  # noqa: S603
    return 0 if code == -signal.SIGPIPE else code


def stop(arguments: argparse.Namespace) -> int:
    """Stop processes, all at once; they stay stopped also if the stack is asked again."""
    stack = client.attach(arguments.directory.resolve())
    names = set(_named(stack, arguments.names)) & set(stack.processes)
    asyncio.run(_each(stack.stop, names))
    return 0


def start(arguments: argparse.Namespace) -> int:
    """Start processes that were stopped, all at once."""
    stack = client.attach(arguments.directory.resolve())
    asyncio.run(_each(stack.start, _named(stack, arguments.names)))
    return 0


def _named(stack: client.Stack, names: Sequence[str]) -> list[str]:
    """The processes of these names, each of which is a process or a service. Raises StackError."""
    known = list(stack.state.processes)
    found = []
    for name in names:
        of_service = [process for process in PROCESSES if process.startswith(f"{name}-")]
        if name not in known and not of_service:
            raise StackError(f"no process or service {name}; there are: {', '.join(known)}")
        found += of_service or [name]
    return found


def restart(arguments: argparse.Namespace) -> int:
    """Stop and start processes so that no two are stopped at the same time."""
    stack = client.attach(arguments.directory.resolve())
    for name in _named(stack, arguments.names):
        if name in stack.processes:
            asyncio.run(stack.stop(name))
        asyncio.run(stack.start(name))
    return 0


async def _each(act: Callable[[str], Awaitable[None]], names: Iterable[str]) -> None:
    await asyncio.gather(*(act(name) for name in names))


def settings(arguments: argparse.Namespace) -> int:
    """Print what a shell evaluates."""
    print(exports(client.attach(arguments.directory.resolve())))
    return 0


def give_token(arguments: argparse.Namespace) -> int:
    """Print a token and nothing else."""
    stack = client.attach(arguments.directory.resolve())
    issued = token(stack.env["ISSUER_URL"], arguments.persona)
    print(platform_token(stack.env["PEOPLE_URL"], issued))
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Run a command with the stack's addresses in its environment; its exit code is ours."""
    argv = arguments.argv[1:] if arguments.argv[:1] == ["--"] else arguments.argv
    if not argv:
        raise StackError("nothing to run: devstack run -- COMMAND ...")
    options = replace(_options(arguments), directory=arguments.directory.resolve() / "run")
    return asyncio.run(_run(options, argv))


async def _run(options: StackOptions, argv: list[str]) -> int:
    client.delete_data(options.directory)  # of a run that was killed
    with Progress() as progress:
        context = client.running(options, progress)
        stack = await context.__aenter__()
    try:
        env = {**os.environ, **stack.env, "UM_STACK_DIRECTORY": str(stack.directory)}
        process = subprocess.Popen(argv, env=env)  # noqa: S603, ASYNC220
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            return await asyncio.to_thread(process.wait)
        except asyncio.CancelledError:  # Ctrl-C reached the command too: let it end
            await asyncio.to_thread(process.wait)
            raise
    finally:
        await context.__aexit__(None, None, None)
        client.delete_data(options.directory)


def fetch(_: argparse.Namespace) -> int:
    """Fill the cache, so that later starts need no network."""
    listing = kafka.CONFIGURATION / "artifacts.txt"
    print(artifacts.obtain(listing, "kafka", _report))
    print(program("prometheus", "prometheus", _report))
    return 0


def _report(note: str) -> None:
    print(note, file=sys.stderr)
