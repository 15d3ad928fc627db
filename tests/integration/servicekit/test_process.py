"""A whole process: signals, exit codes, kill -9, and servers that are away."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

import devstack
from contracts.registry import Topic
from servicekit.kafka import ensure_topics
from servicekit.settings import Database, Kafka
from support.apps import unique
from support.eventually import eventually
from support.ports import free_port

TESTS = Path(__file__).parents[2]


class SampleProcess:
    """The sample service, as it would run in production."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment = environment
        self.url = f"http://127.0.0.1:{environment['SAMPLE_HTTP__PORT']}"
        self.log = log

    @asynccontextmanager
    async def running(
        self, *roles: str, **changes: str
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        with self.log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, str(TESTS / "support" / "sample_service.py"), *roles),
                env={**self.environment, **changes},
                stdout=output,
                stderr=output,
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            print(self.log.read_text())  # pytest shows it if the test fails

    async def ready(self) -> None:
        async with httpx.AsyncClient() as client:

            async def answers() -> bool:
                try:
                    answer = await client.get(f"{self.url}/health/ready")
                except httpx.TransportError as error:
                    raise AssertionError(error) from error
                return answer.status_code == 200

            await eventually(answers, within=30)


@pytest.fixture
async def sample(servers, database: Database, tmp_path: Path) -> SampleProcess:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(TESTS),
        "SAMPLE_PREFIX": unique("sample"),
        "SAMPLE_ENVIRONMENT": "test",
        "SAMPLE_DB__DSN": database.dsn.get_secret_value(),
        "SAMPLE_KAFKA__BOOTSTRAP_SERVERS": servers.env["KAFKA_BOOTSTRAP_SERVERS"],
        "SAMPLE_KAFKA__SESSION_TIMEOUT_MS": "3000",
        "SAMPLE_HTTP__PORT": str(free_port()),
        "SAMPLE_AUTH__ISSUER": servers.env["ISSUER_URL"],
    }
    topic = Topic(f"{environment['SAMPLE_PREFIX']}.counter", "sample", "internal", 3)
    kafka = Kafka(bootstrap_servers=environment["SAMPLE_KAFKA__BOOTSTRAP_SERVERS"])
    await ensure_topics(kafka, [topic])
    return SampleProcess(environment, tmp_path / "log")


@pytest.fixture
def authorised(servers) -> dict[str, str]:
    token = devstack.token(servers.env["ISSUER_URL"], "administrator")
    return {"authorization": f"Bearer {token}"}


async def scalar(database: Database, query: str) -> int:
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        value: int = await connection.fetchval(query)
        return value
    finally:
        await connection.close()


async def exit_code(process: Process, within: float) -> int:
    async with asyncio.timeout(within):
        return await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_process_with_zero(number, sample):
    async with sample.running("api", "worker") as process:
        await sample.ready()
        process.send_signal(number)
        assert await exit_code(process, within=10) == 0


async def test_a_request_under_way_is_answered_before_the_end(sample, authorised, database):
    async with sample.running("api") as process, httpx.AsyncClient() as client:
        await sample.ready()
        headers = {**authorised, "idempotency-key": str(uuid4())}
        asking = asyncio.create_task(
            client.post(f"{sample.url}/v1/counters/a", json={"pause": 1}, headers=headers)
        )
        await eventually(lambda: scalar(database, "select count(*) from pg_locks where granted"))
        await asyncio.sleep(0.4)
        process.terminate()
        assert (await asking).status_code == 201
        assert await exit_code(process, within=10) == 0


async def test_a_request_goes_all_the_way_to_its_effect_and_a_kill_changes_nothing(
    sample, authorised, database
):
    """The process is killed while requests are under way; the client asks again, same keys."""
    keys = [str(uuid4()) for _ in range(30)]

    async def ask(client: httpx.AsyncClient, number: int) -> int:
        headers = {**authorised, "idempotency-key": keys[number]}
        body = {"pause": 0.05}
        answer = await client.post(
            f"{sample.url}/v1/counters/c{number % 3}", json=body, headers=headers
        )
        version: int = answer.json()["version"]
        return version

    async with httpx.AsyncClient(timeout=20) as client:
        async with sample.running("api", "worker") as process:
            await sample.ready()
            asked = [asyncio.create_task(ask(client, n)) for n in range(30)]
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            process.kill()
            first = await asyncio.gather(*asked, return_exceptions=True)
        assert any(isinstance(answer, Exception) for answer in first)
        async with sample.running("api", "worker"):
            await sample.ready()
            second = [await ask(client, number) for number in range(30)]
            await eventually(lambda: _equals(database, "select count(*) from effects", 30))
            await asyncio.sleep(0.5)
    for before, after in zip(first, second, strict=True):
        assert isinstance(before, Exception) or before == after
    assert await scalar(database, "select count(*) from effects") == 30
    assert await scalar(database, "select count(distinct event_id) from effects") == 30
    assert await scalar(database, "select sum(version) from counters") == 30


async def _equals(database: Database, query: str, wanted: int) -> bool:
    assert await scalar(database, query) == wanted
    return True


async def test_the_api_takes_requests_without_kafka(sample, authorised):
    nowhere = {"SAMPLE_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9"}
    async with sample.running("api", **nowhere), httpx.AsyncClient() as client:
        await sample.ready()
        headers = {**authorised, "idempotency-key": str(uuid4())}
        answer = await client.post(f"{sample.url}/v1/counters/a", json={}, headers=headers)
        assert answer.status_code == 201


async def test_a_worker_that_waits_for_kafka_ends_at_once_when_stopped(sample):
    async with sample.running("worker", SAMPLE_KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:9") as process:
        await sample.ready()
        process.terminate()
        assert await exit_code(process, within=8) == 0


async def test_a_taken_port_shows_in_the_log_and_in_the_exit_code(sample):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(sample.environment["SAMPLE_HTTP__PORT"])))
        taken.listen()
        async with sample.running("api") as process:
            assert await exit_code(process, within=15) != 0
    assert "address already in use" in sample.log.read_text()


async def test_a_database_that_goes_away_and_comes_back_costs_nothing(
    sample, authorised, database, servers
):
    """PostgreSQL is killed, then stopped for a while, under requests with keys asked again."""

    async def bump(client: httpx.AsyncClient, key: str) -> bool:
        headers = {**authorised, "idempotency-key": key}
        answer = await client.post(f"{sample.url}/v1/counters/a", json={}, headers=headers)
        assert answer.status_code in (201, 503), answer.text
        return answer.status_code == 201

    async def bump_many(client: httpx.AsyncClient) -> None:
        for key in [str(uuid4()) for _ in range(60)]:
            await eventually(partial(bump, client, key), within=30)

    async with sample.running("api", "worker") as process, httpx.AsyncClient(timeout=20) as client:
        await sample.ready()
        load = asyncio.create_task(bump_many(client))
        await asyncio.sleep(0.3)
        servers.kill("postgres")
        await servers.wait_ready("postgres", timeout=120)
        await asyncio.sleep(0.3)
        await servers.stop("postgres")
        await asyncio.sleep(2)
        await servers.start("postgres", timeout=120)
        await load
        await eventually(lambda: _equals(database, "select count(*) from effects", 60), within=30)
        assert process.returncode is None
    assert await scalar(database, "select version from counters") == 60
    assert await scalar(database, "select count(distinct event_id) from effects") == 60
