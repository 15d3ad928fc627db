"""An upgrade under load, from the release before to this checkout, and back: docs/upgrade.md."""

import asyncio
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import devstack
from chaos import earlier
from chaos.one_retry import OneRetry
from chaos.replicas import (
    APIS,
    Replica,
    Replicas,
    balanced,
    balancer_ports,
    balancing,
    to_balancers,
)
from chaos.run import Plan, Verdict, outside_of, under_load, when_quiet
from demo import scale
from demo.observer import Observer
from devstack import CHECKOUT, Stack
from devstack.credentials import load_secrets
from devstack.options import ROLES, SERVICES, Layout
from devstack.processes import ProcessSpec, spawn
from devstack.servers.postgres import create_databases, described
from devstack.service_env import kafka_passwords, migration_env, service_env
from servicekit import migrations
from servicekit.settings import Database
from support import trial_migrations
from support.lock_waits import LockWaits, watching

# Who reads events comes before who writes them; back again it is the other way round.
ORDER = (
    *(f"{service}-worker" for service in SERVICES if "worker" in ROLES[service]),
    "workflow-temporal",
    *APIS.values(),
)
TRIED = ("content", "workflow")
ROWS = 100_000
_MIXED_SECONDS = 1.0
_ALONE_SECONDS = 20.0
"""For so long the code before has the new schema to itself."""


@dataclass(frozen=True)
class Upgraded:
    """What was seen. `failed`: requests without an answer after one retry."""

    commit: str
    verdict: Verdict
    waits: LockWaits
    asked: int
    failed: list[str]

    def report(self) -> str:
        """For people."""
        return "\n".join(
            [
                f"from {self.commit[:12]}: {self.asked} requests, {len(self.failed)} failed",
                *self.failed[:5],
                f"longest wait for a lock: {self.waits.longest * 1000:.0f} ms ({self.waits.what})",
                self.verdict.report(),
            ]
        )


class Upgrade:
    """The steps of docs/upgrade.md, each a method."""

    def __init__(self, stack: Stack, replicas: Replicas, env: Mapping[str, str]) -> None:
        self._stack, self._replicas, self._env = stack, replicas, env
        self._layout = Layout(stack.directory)
        self._new: dict[str, Replica] = {}

    async def make_roles(self) -> None:
        """What an administrator does before: infra/postgres/grants.sql, logins and passwords."""
        await create_databases(self._env["POSTGRES_ADMIN_DSN"], load_secrets(self._layout))

    async def migrate(self) -> None:
        for service in SERVICES:
            role = ROLES[service][0]
            secrets, data = load_secrets(self._layout), self._layout.data
            env = service_env(service, role, 1, self._env, secrets, data)
            await self._run(f"{service}_service", "migrate", migration_env(service, env, self._env))

    async def prepare_kafka(self) -> None:
        """Rights first, where the broker has accounts, then new topics."""
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": self._env["KAFKA_BOOTSTRAP_SERVERS"],
            **kafka_passwords(load_secrets(self._layout)),
        }
        if "KAFKA_ACCOUNTS_SERVERS" in self._env:
            await self._run("servicekit.kafka_access", "apply", env)
        await self._run("servicekit.topics", "", env)

    async def _run(self, module: str, argument: str, env: Mapping[str, str]) -> None:
        name = f"{module}-{argument}"
        argv = (sys.executable, "-m", module, *argument.split())
        log = self._layout.log(name)
        process = await spawn(ProcessSpec(name, argv, env), self._layout.root, log)
        assert await process.wait() == 0, log
        print(f"done: {module} {argument}", flush=True)

    async def try_migrations(self, steps: tuple[str, ...]) -> None:
        """Further migrations of two busy tables, as a later release will have them."""
        for service in TRIED:
            folder = CHECKOUT / "services" / service / "migrations"
            copy = self._layout.root / "trial" / service
            await asyncio.to_thread(
                migrations.upgrade,
                trial_migrations.with_trial(folder, steps, copy),
                self._database(service),
            )
            print(f"{service}: {len(steps)} trial migrations", flush=True)

    async def fill(self) -> None:
        for service in TRIED:
            await trial_migrations.fill(self._env[f"{service.upper()}_OWNER_DATABASE_URL"], ROWS)

    async def replace(self, name: str) -> None:
        """The new one beside the old one for a moment, then the new one alone."""
        self._new[name] = await self._replicas.start(name)
        await asyncio.sleep(_MIXED_SECONDS)
        await self._stack.stop(name)
        print(f"{name} is new", flush=True)

    async def go_back(self, name: str) -> None:
        """The old one beside the new one for a moment, then the old one alone."""
        await self._stack.start(name)
        await asyncio.sleep(_MIXED_SECONDS)
        await self._replicas.end(self._new.pop(name))
        print(f"{name} is old again", flush=True)

    async def there_and_back(self) -> None:
        """To the new release, back to the old one, and to the new one again."""
        await self.fill()
        await self.make_roles()
        await self.migrate()
        await self.prepare_kafka()
        await self.try_migrations(trial_migrations.EXPAND)
        await asyncio.sleep(_ALONE_SECONDS)
        for name in ORDER:
            await self.replace(name)
        for name in reversed(ORDER):
            await self.go_back(name)
        await asyncio.sleep(_ALONE_SECONDS)
        for name in ORDER:
            await self.replace(name)
        await self.try_migrations(trial_migrations.CONTRACT)

    def _database(self, service: str) -> Database:
        owner = self._env[f"{service.upper()}_OWNER_DATABASE_URL"]
        return Database.model_validate({"dsn": owner, "migration_dsn": owner})


async def upgrade(plan: Plan, directory: Path) -> Upgraded:
    """Run it all in `directory`, where a stack's files stay."""
    await devstack.stop_stack(directory / "stack")
    shutil.rmtree(directory, ignore_errors=True)
    commit = earlier.reference()
    code = await asyncio.to_thread(earlier.checkout, commit)
    work, ports = directory / "load", balancer_ports()
    scale.write(work, plan.units)
    more = {"NOTIFICATION_REMINDERS__AT_MOST": "0", **to_balancers(ports)}
    starting = earlier.running(code, directory / "stack", work / "persons.csv", more)
    async with starting as stack, balancing(stack, ports) as balancers:
        secrets = load_secrets(Layout(stack.directory))
        own = described(stack.env["POSTGRES_ADMIN_DSN"], secrets).env
        env = {**stack.env, **own}
        replicas = Replicas(stack, env, more)
        replicas.balancers = balancers
        step = Upgrade(stack, replicas, env)
        addresses = {**env, **balanced(ports)}
        async with outside_of(stack, work, OneRetry, addresses) as (api, outside):
            assert isinstance(api, OneRetry)
            async with watching(env["POSTGRES_ADMIN_DSN"]) as waits:

                async def disturb(_: Observer) -> None:
                    pages = asyncio.create_task(api.open_pages())
                    try:
                        await step.there_and_back()
                    finally:
                        pages.cancel()

                await under_load(plan, work, api, outside, disturb)
            verdict = await when_quiet(plan, env, api, outside)
        upgraded = Upgraded(commit, verdict, waits, api.asked, api.failed)
    print(upgraded.report(), flush=True)
    return upgraded
