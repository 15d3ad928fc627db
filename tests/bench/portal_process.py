"""The portal with a rollout of 2,000 units behind it: its process, the workflow service's api
process, people's, and a bare one beside them. Somebody is signed in.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.database import migrated_database
from bench.people_process import people
from bench.rollout import Rollout
from bench.server_process import Server, free_port, process
from contracts.registry import TOPICS
from devstack import Stack
from devstack.credentials import load_secrets
from devstack.options import Layout
from devstack.service_env import service_env, without_accounts
from servicekit.kafka import ensure_topics
from servicekit.relay import Relay
from servicekit.settings import Database, Kafka
from support.apps import running
from support.databases import SERVICES
from support.portal_session import session_cookie

UNITS, WAVE = 2_000, 50


@dataclass(frozen=True)
class Site:
    """The processes; the relay of the workflow service's events runs in this one.

    `cookie` is an administrator's session.
    """

    portal: Server
    workflow: Server
    bare: Server
    rollout: Rollout
    kafka: Kafka
    cookie: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.portal.port}"

    @property
    def board(self) -> str:
        return f"/rollouts/{self.rollout.rollout_id}/units"

    def request(self, path: str) -> bytes:
        """As the administrator's browser asks for a page by a link on another one."""
        return (
            f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {self.cookie}\r\n"
            "accept-encoding: gzip\r\nsec-fetch-site: same-origin\r\n\r\n"
        ).encode()


@asynccontextmanager
async def site(stack: Stack) -> AsyncIterator[Site]:
    """On databases of their own. The portal has its usual address: the issuer knows no other."""
    secrets = load_secrets(Layout(stack.directory))
    kafka = Kafka(bootstrap_servers=stack.env["KAFKA_BOOTSTRAP_SERVERS"])
    await ensure_topics(kafka, list(TOPICS.values()))
    async with AsyncExitStack() as exits:
        exchange = await exits.enter_async_context(people(stack))
        servers = {**without_accounts(stack.env), "PEOPLE_URL": exchange.url}

        async def started(service: str, role: str, port: int) -> tuple[Server, Database]:
            database = await exits.enter_async_context(
                migrated_database(stack, SERVICES / service / "migrations")
            )
            env = {
                **service_env(service, role, port, servers, secrets, stack.directory / "data"),
                f"{service.upper()}_DB__DSN": database.dsn.get_secret_value(),
            }
            log = stack.directory / "log" / f"bench-{service}.log"
            running_process = process(log, port, f"{service}_service", role, env=env)
            return await exits.enter_async_context(running_process), database

        workflow, database = await started("workflow", "api", free_port())
        rollout = Rollout(database, UNITS, WAVE)
        exits.push_async_callback(rollout.close)
        await rollout.prepare()
        servers["WORKFLOW_URL"] = f"http://127.0.0.1:{workflow.port}"
        relay = Relay(database.dsn.get_secret_value(), kafka)
        await exits.enter_async_context(running(relay))
        portal, _ = await started("portal", "web", urlsplit(servers["PORTAL_URL"]).port or 80)
        bare = await exits.enter_async_context(_bare(stack, exchange.dsn))
        cookie = await session_cookie(servers, "administrator")
        yield Site(portal, workflow, bare, rollout, kafka, cookie)


@asynccontextmanager
async def _bare(stack: Stack, dsn: str) -> AsyncIterator[Server]:
    port, log = free_port(), stack.directory / "log" / "bench-bare-portal.log"
    env = {"BENCH_DSN": dsn, "BENCH_PORT": str(port)}
    async with process(log, port, "bench.bare_api", env=env) as bare:
        yield bare
