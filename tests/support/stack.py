"""Fixtures of the real servers and of the whole stack: one set for a whole test session.

Each server is found as the stack finds it: an address in the environment, Docker, a native
process. Where that is impossible a test is skipped with the reason; with REQUIRE_STACK=1 it fails.
"""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

import devstack
from devstack import Stack, StackError, StackOptions
from devstack.display import Progress
from devstack.lock import is_running
from devstack.options import SERVICES
from devstack.state import StackState
from devstack.tokens import platform_token
from support.otlp import OtlpSink

PREFIX = "um-stack-"
ABANDONED_AFTER = 600  # seconds


def signed_in(stack: Stack, persona: str) -> dict[str, str]:
    """The headers of a persona's requests to the stack's services; good for ten minutes."""
    issued = devstack.token(stack.env["ISSUER_URL"], persona)
    return {"authorization": f"Bearer {platform_token(stack.env['PEOPLE_URL'], issued)}"}


def unavailable(reason: str) -> None:
    """Skip the test, or fail it where the stack is required."""
    if os.environ.get("REQUIRE_STACK") == "1":
        pytest.fail(f"REQUIRE_STACK=1, but {reason}")
    pytest.skip(reason)


async def remove_abandoned(parent: Path) -> None:
    """Clean up after test sessions that were killed: their processes and their files."""
    for directory in sorted(parent.glob(f"{PREFIX}*")):  # noqa: ASYNC240
        lock = directory / "lock"
        # A younger one may belong to a session that is just starting.
        old = lock.exists() and lock.stat().st_mtime < time.time() - ABANDONED_AFTER
        if old and not is_running(directory):
            await devstack.stop_stack(directory)
            shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def spans() -> Iterator[OtlpSink]:
    """Where the services of this test session send their spans."""
    with OtlpSink().serving() as sink:
        yield sink


@pytest.fixture(scope="session")
def progress(pytestconfig: pytest.Config) -> Callable[[StackState], None]:
    """Shows a start as plain lines, past pytest's capture: it takes longer than two seconds."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    lines = Progress(live=False)

    def show(state: StackState) -> None:
        with capture.global_and_fixture_disabled():
            lines(state)

    return show


@pytest.fixture(scope="session")
async def servers(spans: OtlpSink, progress: Callable[[StackState], None]) -> AsyncIterator[Stack]:
    """Kafka, PostgreSQL, Temporal, mailbox and issuer, without the services."""
    if "UM_STACK_DIRECTORY" in os.environ:  # `devstack run` has started one for us
        yield devstack.attach(Path(os.environ["UM_STACK_DIRECTORY"]))
        return
    parent = Path(tempfile.gettempdir())
    await remove_abandoned(parent)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        async with asyncio.timeout(600):
            traced = {
                f"{name.upper()}_TELEMETRY__OTLP_ENDPOINT": spans.endpoint for name in SERVICES
            }
            options = StackOptions(directory, services=False, service_environment=traced)
            running = devstack.running(options, progress)
            stack = await running.__aenter__()
    except StackError as error:
        shutil.rmtree(directory, ignore_errors=True)
        unavailable(str(error))
        raise
    try:
        yield stack
    finally:
        await running.__aexit__(None, None, None)
        shutil.rmtree(directory, ignore_errors=True)


async def delete_topics(bootstrap: str) -> None:
    """Forget what tests of one service published: the databases of the others know nothing of it,
    and their events would end as dead letters."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics(
            [name for name in await admin.list_topics() if not name.startswith("__")]
        )
    finally:
        await admin.close()


@pytest.fixture(scope="session")
async def stack(servers: Stack, progress: Callable[[StackState], None]) -> Stack:
    """The whole stack: the servers, migrated databases, topics, and every service process."""
    if servers.state.phase != "ready":
        await delete_topics(servers.env["KAFKA_BOOTSTRAP_SERVERS"])
        try:
            await servers.start_services(progress)
        except StackError as error:
            unavailable(str(error))
    return servers


@pytest.fixture(scope="session")
def kafka(servers: Stack) -> str:
    """Bootstrap servers of a real Kafka; use topic names of your own."""
    return servers.env["KAFKA_BOOTSTRAP_SERVERS"]


@pytest.fixture(scope="session")
def postgres(servers: Stack) -> str:
    """An administrator's DSN of a real PostgreSQL; create a database of your own."""
    return servers.env["POSTGRES_ADMIN_DSN"]


@pytest.fixture(scope="session")
def temporal(servers: Stack) -> str:
    """Address of a real Temporal server; use task queues and workflow ids of your own."""
    return servers.env["TEMPORAL_ADDRESS"]


@pytest.fixture(scope="session")
def mailbox(servers: Stack) -> str:
    """Base URL of the mail catcher; its SMTP address is in `servers.env`."""
    return servers.env["MAILBOX_URL"]
