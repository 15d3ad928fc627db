"""The supervisor process: brings a stack up, keeps it running, takes it down on SIGTERM.

It holds the lock on the stack's directory for as long as anything of the stack runs; the lock,
not any recorded process id, is the truth about whether the stack is up.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from pathlib import Path

from devstack.credentials import load_secrets
from devstack.files import read_json, write_env
from devstack.forkserver import ForkServer
from devstack.keeper import HOLD_POLL, Keeper
from devstack.lock import HELD_SERVICES, take_lock
from devstack.options import SERVICES, Layout, StackError, StackOptions
from devstack.plan import METRIC_NAMES, SERVER_NAMES, TRACE_NAMES, Plan, external_probe, make_plan
from devstack.processes import ProcessSpec, sweep
from devstack.servers import Server
from devstack.servers.postgres_cluster import Cluster
from devstack.service_env import PROCESSES
from devstack.state import StateFile

ALL_SERVERS = (*SERVER_NAMES, *TRACE_NAMES, *METRIC_NAMES)
MIGRATIONS_AT_ONCE = 2
LOCK_ATTEMPTS = 20
EXTERNAL_ATTEMPTS = 10  # one second apart


class Supervisor:
    """One stack from nothing to ready, and back."""

    def __init__(self, plan: Plan, state: StateFile) -> None:
        self._plan, self._layout, self._state = plan, plan.layout, state
        self._forks = ForkServer(plan.layout.root, plan.layout.log("fork-server"))
        self._keeper = Keeper(plan.layout, state, self._forks)
        self._cluster: Cluster | None = None
        self._env: dict[str, str] = {}
        self._addressed = {name: asyncio.Event() for name in ALL_SERVERS}
        self._answers = {name: asyncio.Event() for name in ALL_SERVERS}

    async def run(self) -> None:
        """Bring the stack up and keep it until cancelled. Raises StackError when it cannot."""
        self._state.announce(self._plan.server_names)
        try:
            await self._forks.start()
            await self._bring_up(self._plan)
            await asyncio.Event().wait()
        except StackError as error:
            self._state.phase("failed", str(error))
            raise
        finally:
            if self._state.state.phase != "failed":
                self._state.phase("stopping")
            await self._keeper.stop(PROCESSES)
            await self._keeper.stop(ALL_SERVERS)
            await self._forks.stop()

    async def _bring_up(self, plan: Plan) -> None:
        self._env = plan.service_urls() | plan.endpoint
        servers = [self._server(plan, name) for name in plan.server_names]
        if not self._services_held():
            await _together([*servers, self._services(plan)])
        else:
            await _together(servers)
            self._write_env()
            self._state.phase("servers")
            while self._services_held():  # noqa: ASYNC110
                await asyncio.sleep(HOLD_POLL)
            await self._services(plan)
        self._write_env()
        self._state.phase("ready")

    def _services_held(self) -> bool:
        return (self._layout.hold / HELD_SERVICES).exists()

    def _write_env(self) -> None:
        validity = f"valid while process {os.getpid()} runs, which removes this file at its end"
        write_env(self._layout.env, dict(sorted(self._env.items())), validity)

    async def _server(self, plan: Plan, name: str) -> None:
        loop = asyncio.get_running_loop()

        def report(server: str, note: str) -> None:
            loop.call_soon_threadsafe(self._state.change, server, "preparing", None, note)

        server = await asyncio.to_thread(plan.server, name, report)
        self._env |= server.env
        self._cluster = server.cluster or self._cluster
        self._addressed[name].set()
        if server.spec is not None:
            await self._keeper.start(server.spec)
        else:
            await self._check_external(server)
        if server.after is not None:
            await server.after()
        self._answers[name].set()

    async def _check_external(self, server: Server) -> None:
        question = external_probe(server)
        address = next(iter(server.env.values()))
        if question is not None:
            variable, probe = question
            for _ in range(EXTERNAL_ATTEMPTS):
                if await probe():
                    break
                await asyncio.sleep(1.0)
            else:
                raise StackError(
                    f"{server.name} does not answer at the address in {variable}: "
                    "start it there, or unset the variable to have one started"
                )
        self._state.change(server.name, "external", url=address.rpartition("@")[2])

    async def _services(self, plan: Plan) -> None:
        """Each migration and process as soon as the servers that it needs answer."""
        self._state.announce([*(f"{service}-migrate" for service in SERVICES), "topics"])
        self._state.announce(PROCESSES)
        for name in plan.server_names:  # a process gets every address, also when it uses one
            await self._addressed[name].wait()
        specs = plan.services(self._env)
        apis = [spec for spec in specs if spec.name.endswith("-api")]
        await _together([self._migrate_and_serve(plan, apis), self._prepare_kafka(plan)])
        await self._answer(*plan.server_names)
        await _together(self._keeper.start(spec) for spec in specs if spec not in apis)

    async def _migrate_and_serve(self, plan: Plan, apis: Iterable[ProcessSpec]) -> None:
        """All that needs PostgreSQL only, while Kafka takes its time."""
        await self._answer("postgres")
        await self._migrate(plan)
        await _together(self._keeper.start(spec) for spec in apis)

    async def _migrate(self, plan: Plan) -> None:
        if self._cluster is not None and self._cluster.is_copied:
            for service in SERVICES:
                self._state.change(f"{service}-migrate", "done")
            return
        slots = asyncio.Semaphore(MIGRATIONS_AT_ONCE)

        async def migrate(service: str) -> None:
            async with slots:
                await self._keeper.run_once(plan.migration(service, self._env))

        await _together(migrate(service) for service in SERVICES)
        if self._cluster is not None and self._cluster.is_new:
            try:
                await asyncio.to_thread(self._cluster.keep, self._env["POSTGRES_ADMIN_DSN"])
            except (StackError, OSError) as error:
                print(f"the next start migrates again: {error}", flush=True)

    async def _prepare_kafka(self, plan: Plan) -> None:
        await self._answer("kafka")
        if "KAFKA_ACCOUNTS_SERVERS" in self._env:  # first: new topics keep the broker busy
            await self._keeper.run_once(plan.kafka_access(self._env))
        await self._keeper.run_once(plan.topics(self._env))

    async def _answer(self, *names: str) -> None:
        for name in names:
            await self._answers[name].wait()


async def _together(steps: Iterable[Coroutine[None, None, None]]) -> None:
    """Run the steps at once; the first StackError among them ends the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except* StackError as errors:
        raise errors.exceptions[0] from None


async def _until_signal(supervisor: Supervisor) -> None:
    task = asyncio.create_task(supervisor.run())
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def main(directory: str) -> int:
    """Run the supervisor of `directory`, whose options are in its options.json."""
    layout = Layout(Path(directory))
    for _ in range(LOCK_ATTEMPTS):  # somebody who only asks holds it for a moment
        if (lock := take_lock(layout)) is not None:
            break
        time.sleep(0.1)
    if lock is None:
        print(f"another stack runs in {directory}", file=sys.stderr)
        return 3
    sweep(layout.root)
    state = StateFile(layout.state, os.getpid())
    raw = read_json(layout.options)
    persons = raw.pop("persons_file")
    options = StackOptions(
        **raw | {"directory": layout.root, "persons_file": persons and Path(persons)}
    )
    try:
        plan = make_plan(layout, options, load_secrets(layout), state.notice)
        asyncio.run(_until_signal(Supervisor(plan, state)))
    except StackError as error:
        layout.env.unlink(missing_ok=True)
        state.phase("failed", str(error))
        print(error, file=sys.stderr)
        return 1
    layout.state.unlink()
    layout.env.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
