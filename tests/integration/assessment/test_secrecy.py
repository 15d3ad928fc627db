"""Nothing that is stored or logged shows who answered what, or when."""

import logging
import stat
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest

from integration.assessment.service import ITEMS, Service, StartService, sheet
from servicekit.even_length import LENGTH
from servicekit.metrics import TOKEN_REFUSALS, samples

NO_TOKEN = {"authorization": "Bearer a.b.c"}
TRACELESS = ("outbox", "outbox_pending", "inbox", "idempotency_keys")


async def counts(service: Service) -> dict[str, int]:
    return {t: (await service.rows(f"select count(*) from {t}"))[0][0] for t in TRACELESS}


async def test_an_answer_leaves_one_row_and_nothing_else(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    before = await counts(service)
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    await service.answer(ward, "ward", "somebody", sheet(3))
    own = [r for r in caplog.records if not r.name.startswith(("asyncio", "httpx", "httpcore"))]
    assert own == []
    assert await counts(service) == before
    row = dict((await service.rows("select * from keyed_sheets"))[0])
    assert set(row) == {"release_id", "round_id", "participation_key", "sealed"}
    assert len(row["participation_key"]) == 32


@pytest.fixture
def traced() -> InMemorySpanExporter:
    """What is traced from now on."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


async def test_an_answer_leaves_no_span(service: Service, traced: InMemorySpanExporter) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    traced.clear()
    assert (await service.answer(ward, "ward", "somebody", sheet(3))).status_code == 200
    assert (await service.answer(ward, "ward", "somebody", {"x": 1})).status_code == 422
    assert traced.get_finished_spans() == ()
    await service.ask("GET", f"/rounds/{ward}")
    assert traced.get_finished_spans()  # the exporter does see other requests


def measured() -> str:
    """Everything at /metrics but what the process itself is, and when series began."""
    own = ("process_", "python_", "asyncio_")
    lines = generate_latest().decode().splitlines()
    return "\n".join(line for line in lines if not line.startswith(own) and "_created" not in line)


async def test_an_answer_changes_no_number(service: Service) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    await service.answer(ward, "ward", "somebody", sheet(3))
    before = measured()
    assert (await service.answer(ward, "ward", "somebody else", sheet(3))).status_code == 200
    assert (await service.answer(ward, "ward", "somebody", {"x": 1})).status_code == 422
    body = {"answers": sheet(3)}
    refused = await service.ask("PUT", f"/rounds/{ward}/answer", headers=NO_TOKEN, json=body)
    assert refused.status_code == 401
    assert measured() == before
    await service.ask("GET", f"/rounds/{ward}")
    assert measured() != before  # other requests are counted


async def test_a_refused_token_is_counted_elsewhere(service: Service) -> None:
    before = sum(value for _, value in samples(TOKEN_REFUSALS))
    assert (await service.ask("GET", "/rounds", headers=NO_TOKEN)).status_code == 401
    assert sum(value for _, value in samples(TOKEN_REFUSALS)) == before + 1


SPELLINGS = (
    "/rounds/{}/answer/",
    "/rounds//{}/answer",
    "//rounds/{}/answer//",
    "/ROUNDS/{}/Answer",
    "/rounds/{}/answer;x=1",
    "/rounds/{}/%61nswer",
    "/rounds/{}/%2561nswer",
    "/rounds/{}/answer/.",
    "/rounds/{}/answers",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("method", ["PUT", "POST", "GET", "OPTIONS"])
async def test_no_spelling_of_the_path_leaves_a_span(
    service: Service, traced: InMemorySpanExporter, spelling: str, method: str
) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    traced.clear()
    body = {"answers": sheet(3)} if method in ("PUT", "POST") else None
    await service.ask(method, spelling.format(ward), role="employee", units=["ward"], json=body)
    assert traced.get_finished_spans() == ()


async def test_every_response_to_an_answer_has_one_length(service: Service) -> None:
    rounds = await service.open(service.opening(["ward", "office"]))
    ward, office = rounds["ward"], rounds["office"]
    await service.close(office)
    asked: list[tuple[str, str, str, dict[str, int | None]]] = [
        (ward, "ward", "a", sheet(5)),
        (ward, "ward", "b", {**sheet(1), ITEMS[0]: 5}),
        (ward, "ward", "c", {**sheet(None), ITEMS[3]: 2}),
        (ward, "ward", "d", {"x": 1}),
        (ward, "ward", "e", {}),
        (ward, "elsewhere", "f", sheet(3)),
        (office, "office", "g", sheet(3)),
        (str(uuid4()), "ward", "h", sheet(3)),
    ]
    found = [await service.answer(*one) for one in asked]
    assert {one.status_code for one in found} == {200, 404, 409, 422}
    assert {on_the_wire(one) for one in found} == {LENGTH}


async def test_so_has_every_failure(service: Service, postgres: str) -> None:
    """A database that is not as expected, and one that is away."""
    ward = (await service.open(service.opening(["ward"])))["ward"]
    name = service.dsn.rpartition("/")[2]
    inside = await asyncpg.connect(postgres.rpartition("/")[0] + "/" + name)
    await inside.execute("alter table rounds rename to elsewhere")
    found = [await service.answer(ward, "ward", "a", sheet(5))]
    await inside.execute("alter table elsewhere rename to rounds")
    await inside.close()
    admin = await asyncpg.connect(postgres)
    try:
        await admin.execute(f"alter database {name} allow_connections false")
        ours = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1"
        await admin.execute(ours, name)
        found.append(await service.answer(ward, "ward", "a", sheet(5)))
    finally:
        await admin.execute(f"alter database {name} allow_connections true")
        await admin.close()
    assert [one.status_code for one in found] == [500, 503]
    assert {on_the_wire(one) for one in found} == {LENGTH}


def on_the_wire(answer: httpx.Response) -> int:
    """Bytes of the response as HTTP/1.1 has them, but for what the server adds to each."""
    line = f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\r\n"
    headers = sum(len(name) + len(value) + len(": \r\n") for name, value in answer.headers.raw)
    return len(line) + headers + len("\r\n") + len(answer.content)


async def test_the_length_of_a_sealed_sheet_reveals_nothing(service: Service) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    await service.answer(ward, "ward", "a", sheet(5))
    await service.answer(ward, "ward", "b", {ITEMS[0]: 1})
    await service.answer(ward, "ward", "c", {**sheet(None), ITEMS[3]: 2})
    lengths = {len(row["sealed"]) for row in await service.rows("select sealed from keyed_sheets")}
    assert lengths == {32 + len(ITEMS) + 16}


async def test_a_person_has_another_key_in_every_round(service: Service) -> None:
    keys = set()
    for occasion in ("baseline", "follow_up"):
        rounds = await service.open(service.opening(["ward"], occasion=occasion))
        await service.answer(rounds["ward"], "ward", "somebody", sheet(3))
        rows = await service.rows("select participation_key from keyed_sheets")
        keys |= {row["participation_key"] for row in rows}
        await service.close(rounds["ward"])
        await service.work()
    assert len(keys) == 2


async def everything_stored(service: Service) -> str:
    """Every row of every table as text; bytes are hexadecimal."""
    query = "select tablename from pg_tables where schemaname = 'public' order by 1"
    tables = [row[0] for row in await service.rows(query)]
    assert {"keyed_sheets", "outbox", "idempotency_keys"} <= set(tables)
    rows = [await service.rows(f"select t::text from {table} t") for table in tables]
    return "\n".join(row[0] for found in rows for row in found)


async def test_no_sheet_is_ever_stored_readable_and_none_outlives_its_release(
    service: Service,
) -> None:
    rounds = await service.open(service.opening(["ward", "office"]))
    plain = []
    for number in range(9):
        given = {**sheet(1 + number % 5), ITEMS[0]: 1 + number // 5}
        plain.append(bytes(1 + (given[item] or 0) for item in ITEMS).hex())
        for unit, round_id in rounds.items():
            if unit == "ward" or number == 0:  # one person answers in the office
                await service.answer(round_id, unit, f"{unit}-{number}", given)
    keyed = await service.rows("select participation_key, sealed from keyed_sheets")
    sealed = [value.hex() for row in keyed for value in row]
    await service.close(rounds["ward"])
    await service.work()
    waiting = await everything_stored(service)
    assert all(value in waiting for value in sealed)
    assert not any(value in waiting for value in plain)
    await service.close(rounds["office"])
    await service.work()
    assert {await service.status(r) for r in rounds.values()} == {"anonymised"}
    left = await everything_stored(service)
    assert not any(value in left for value in [*plain, *sealed])
    assert await service.disposal() == [(10, 10)]


async def test_secrets_are_files_of_the_service_alone(service: Service, tmp_path: Path) -> None:
    await service.open(service.opening(["ward"]))
    folder = tmp_path / "keys"
    (file,) = folder.glob("*.key")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_bytes()) == 32


async def test_secrets_stay_until_no_process_remembers_them(start: StartService) -> None:
    service = await start(cache_seconds=60)
    await service.prepare()
    ward = (await service.open(service.opening(["ward"])))["ward"]
    await service.close(ward)
    await service.work()
    assert await service.status(ward) == "closed"
    assert (await service.rows("select released_at from releases"))[0][0] is not None
    assert await service.rows("select * from keyed_sheets") == []
    await service.rows("update releases set released_at = released_at - interval '121 seconds'")
    await service.work()
    assert await service.status(ward) == "anonymised"


async def test_profiles_and_results_stay_out_of_caches(service: Service) -> None:
    body = service.opening(["ward"])
    ward = (await service.open(body))["ward"]
    answered = await service.answer(ward, "ward", "somebody", sheet(3))
    results = await service.ask("GET", f"/results?rollout_id={body['rollout_id']}")
    assert answered.headers["cache-control"] == results.headers["cache-control"] == "no-store"
