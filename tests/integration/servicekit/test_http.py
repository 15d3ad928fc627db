"""What a client sees: problem documents, idempotent answers, bounded bodies."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from devstack import Stack
from servicekit.auth import Authenticator
from servicekit.db import create_engine
from servicekit.http import create_api
from servicekit.metrics import RELAY_HELD_UP, SERVER_UP
from servicekit.settings import Audit, Auth, Database, Kafka, Limits
from support.apps import Refused, SampleUnitOfWork, counter_bumped
from support.eventually import eventually
from support.sample_service import router
from support.tokens import ISSUER, FakeIssuer, held


class App:
    """What the sample routes reach through `request.app.state.app`."""

    def __init__(self, database: Database) -> None:
        self.engine = create_engine(database)
        self.event = counter_bumped("sample")

    def uow(self) -> SampleUnitOfWork:
        return SampleUnitOfWork(self.engine, self.event)


@pytest.fixture
def issuer() -> FakeIssuer:
    return FakeIssuer()


@pytest.fixture
async def client(database: Database, issuer: FakeIssuer) -> AsyncIterator[httpx.AsyncClient]:
    app = App(database)
    api = create_api(
        title="Sample",
        description="",
        routers=[router],
        engine=app.engine,
        authenticator=Authenticator(Auth(issuer=ISSUER), issuer.client),
        app=app,
        limits=Limits(),
        audit=Audit(),
        kafka=Kafka(bootstrap_servers="127.0.0.1:9"),
        refusals=Refused,
    )
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {issuer.token()}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sample/v1", headers=headers, timeout=30
    ) as client:
        yield client
    await app.engine.dispose()


async def count(database: Database, table: str) -> int:
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    try:
        rows: int = await connection.fetchval(f"select count(*) from {table}")
        return rows
    finally:
        await connection.close()


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document: dict[str, Any] = answer.json()
    assert document["code"] == code
    assert document["type"].endswith("/" + code)
    assert document["status"] == status
    return document


async def test_fifty_parallel_requests_with_one_key_have_one_effect_and_one_answer(
    client: httpx.AsyncClient, database: Database
):
    key = {"idempotency-key": str(uuid4())}

    async def post() -> httpx.Response:
        return await client.post("/counters/a", json={"pause": 0.2}, headers=key)

    answers = await asyncio.gather(*(post() for _ in range(50)))
    done = [answer for answer in answers if answer.status_code == 201]
    for answer in answers:
        if answer not in done:
            problem(answer, 409, "request-in-progress")
            assert answer.headers["retry-after"] == "1"
    assert {answer.content for answer in [*done, await post()]} == {
        b'{"counter_id":"a","version":1}'
    }
    assert await count(database, "outbox") == 1


async def test_repeats_of_a_slow_request_leave_the_connections_to_others(
    client: httpx.AsyncClient, database: Database
):
    """Twice as many at once as there are connections: all but one are answered at once."""

    async def post() -> int:
        key, body = {"idempotency-key": "slow"}, {"pause": 3}
        return (await client.post("/counters/slow", json=body, headers=key)).status_code

    posting = [asyncio.create_task(post()) for _ in range(2 * database.pool_size)]

    async def one_left() -> bool:
        return sum(not task.done() for task in posting) == 1

    await eventually(one_left)
    assert (await client.get("http://sample/health/ready")).status_code == 200
    assert sorted(await asyncio.gather(*posting)) == [201, *[409] * (len(posting) - 1)]


async def test_readiness_lists_what_the_process_cannot_do(client):
    """It takes requests meanwhile: events wait."""
    SERVER_UP.clear()
    SERVER_UP.labels("kafka").set(0)
    RELAY_HELD_UP.labels("sample.counter").set(1)
    try:
        ready = await client.get("http://sample/health/ready")
        cannot = ["reach kafka", "publish to sample.counter"]
        assert (ready.status_code, ready.json()) == (200, {"status": "ready", "cannot": cannot})
    finally:
        SERVER_UP.clear()
        RELAY_HELD_UP.clear()


async def test_who_asks_for_exemplars_gets_them(client):
    plain = await client.get("http://sample/metrics")
    assert plain.headers["content-type"].startswith("text/plain")
    wanted = {"accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
    answer = await client.get("http://sample/metrics", headers=wanted)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


async def test_a_key_used_for_another_request_is_refused(client, database):
    key = {"idempotency-key": "k"}
    assert (await client.post("/counters/a", json={}, headers=key)).status_code == 201
    for path, body in (("/counters/a", {"note": "other"}), ("/counters/b", {})):
        answer = await client.post(path, json=body, headers=key)
        problem(answer, 422, "idempotency-key-reused")
    assert await count(database, "outbox") == 1


async def test_a_key_used_for_the_same_bytes_of_another_type_is_refused(client, database):
    async def post(kind: str) -> httpx.Response:
        headers = {"idempotency-key": "k", "content-type": kind}
        answer: httpx.Response = await client.post("/counters/a", content=b"{}", headers=headers)
        return answer

    for kind in ("application/json", "Application/JSON; charset=utf-8"):
        assert (await post(kind)).status_code == 201
    problem(await post("application/merge-patch+json"), 422, "idempotency-key-reused")
    assert await count(database, "outbox") == 1


async def test_two_callers_may_use_the_same_key(client, database, issuer):
    for subject in ("one", "two"):
        headers = {"idempotency-key": "k", "authorization": f"Bearer {issuer.token(sub=subject)}"}
        assert (await client.post("/counters/a", json={}, headers=headers)).status_code == 201
    assert await count(database, "outbox") == 2


@pytest.mark.parametrize("key", [{}, {"idempotency-key": ""}, {"idempotency-key": "k" * 256}])
async def test_a_missing_or_impossible_key_is_a_bad_request(key, client, database):
    answer = await client.post("/counters/a", json={}, headers=key)
    problem(answer, 400, "idempotency-key-missing")
    assert await count(database, "counters") == 0


async def test_a_refusal_leaves_nothing_and_frees_the_key(client, database):
    for _ in range(2):
        answer = await client.post("/counters/refused", json={}, headers={"idempotency-key": "k"})
        problem(answer, 409, "counter-stopped")
    for table in ("counters", "outbox", "idempotency_keys"):
        assert await count(database, table) == 0


STATUS = {"not_found": 404, "conflict": 409, "forbidden": 403, "invalid": 422, "gone": 410}


@pytest.mark.parametrize("kind", STATUS)
async def test_each_kind_of_refusal_has_its_status(kind, client):
    document = problem(await client.get(f"/fail/{kind}"), STATUS[kind], "sample-refusal")
    assert document["detail"] == "Refused for a reason."


@pytest.mark.parametrize("how", ["bug", "sql"])
async def test_an_unexpected_failure_shows_nothing_about_its_cause(how, client):
    document = problem(await client.get(f"/fail/{how}"), 500, "internal-error")
    assert "hunter2" not in str(document)
    assert "missing_table" not in str(document)


async def test_wrong_bodies_and_paths_are_problems(client):
    key = {"idempotency-key": "k"}
    wrong = await client.post("/counters/a", json={"pause": -1}, headers=key)
    assert problem(wrong, 422, "invalid-request")["errors"][0]["pointer"] == "/body/pause"
    form = {**key, "content-type": "application/x-www-form-urlencoded"}
    document = problem(
        await client.post("/counters/a", content=b"{}", headers=form), 415, "unsupported-media-type"
    )
    assert "application/json" in document["detail"]
    no_json = await client.post(
        "/counters/a", content=b"{", headers={**key, "content-type": "application/json"}
    )
    assert "line 1, column 2" in problem(no_json, 400, "malformed-json")["detail"]
    problem(await client.get("/nowhere"), 404, "not-found")
    problem(await client.get("http://sample/counters"), 404, "not-found")
    problem(await client.delete("/counters"), 405, "method-not-allowed")
    problem(await client.get("/counters?limit=201"), 422, "invalid-request")
    problem(await client.get(f"/counters?page={2**62}"), 422, "invalid-request")


async def test_a_value_that_postgresql_cannot_take_is_the_callers_fault(client):
    key = {"idempotency-key": "k"}
    for path in ("/counters/a%00b", "/counters/refused%00"):
        problem(await client.post(path, json={}, headers=key), 422, "invalid-value")


async def test_no_token_and_the_wrong_role_are_refused(client, issuer):
    anonymous = await client.get("/counters", headers={"authorization": ""})
    problem(anonymous, 401, "unauthenticated")
    assert anonymous.headers["www-authenticate"] == "Bearer"
    token = issuer.token(assignments=held(["employee"]))
    employee = await client.get("/counters", headers={"authorization": f"Bearer {token}"})
    problem(employee, 403, "role-missing")
    assert employee.json()["roles"], "a portal shows who can"


async def test_a_body_over_the_limit_is_refused_however_it_is_sent(client, database):
    key = {"idempotency-key": "k"}
    big = b'{"note": "' + b"x" * (1024 * 1024) + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(big), 65_536):
            yield big[start : start + 65_536]

    for content in (big, pieces()):
        answer = await client.post("/counters/a", content=content, headers=key)
        problem(answer, 413, "body-too-large")
    assert await count(database, "counters") == 0


async def test_the_database_being_away_is_503_and_recovers(client, database, postgres):
    """A server that ends our connections, then refuses new ones, then is back."""
    admin = await asyncpg.connect(postgres)
    name = database.dsn.get_secret_value().rpartition("/")[2]
    key = {"idempotency-key": "k"}
    try:
        request = asyncio.create_task(client.post("/counters/a", json={"pause": 0.5}, headers=key))
        await asyncio.sleep(0.2)
        await admin.execute(f"alter database {name} allow_connections false")
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name
        )
        problem(await request, 503, "unavailable")
        ready = await client.get("http://sample/health/ready")
        assert ready.status_code == 503
        assert ready.json() == {
            "status": "not ready",
            "cannot": ["reach postgresql: DBAPIError"],
        }
        assert (await client.get("http://sample/health/live")).status_code == 200
        await admin.execute(f"alter database {name} allow_connections true")
        answer = await client.post("/counters/a", json={"pause": 0.5}, headers=key)
        assert answer.json() == {"counter_id": "a", "version": 1}
        assert (await client.get("http://sample/health/ready")).status_code == 200
    finally:
        await admin.execute(f"alter database {name} allow_connections true")
        await admin.close()
    assert await count(database, "outbox") == 1


async def test_writes_while_postgresql_is_killed_are_done_or_503(
    client: httpx.AsyncClient, servers: Stack, database: Database
):
    async def write(number: int) -> httpx.Response:
        headers = {"idempotency-key": str(uuid4())}
        return await client.post(f"/counters/c{number % 7}", json={"pause": 0.05}, headers=headers)

    writing = [asyncio.create_task(write(number)) for number in range(60)]
    await asyncio.wait(writing, return_when=asyncio.FIRST_COMPLETED)
    servers.kill("postgres")
    answers = await asyncio.gather(*writing)
    await servers.wait_ready("postgres", timeout=120)
    refused = [answer for answer in answers if answer.status_code != 201]
    assert refused
    for answer in refused:
        problem(answer, 503, "unavailable")
    done = len(answers) - len(refused)
    assert done <= await count(database, "outbox") <= done + 10  # unknown: killed while committing
