"""Units and templates on a real database, over HTTP, with tokens of a real issuer."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import devstack
from devstack import CHECKOUT, Stack
from servicekit.auth import Authenticator
from servicekit.http import MAX_FILE_BYTES, create_api
from servicekit.settings import Audit, Auth, Kafka, Limits
from unit.workflow.organisation.unit_files import importing
from workflow_service.adapters.postgres.unit_of_work import WorkflowUnitOfWork
from workflow_service.application.organisation.commands import NoteManager
from workflow_service.application.organisation.handlers import import_units, note_manager
from workflow_service.domain.errors import DomainError
from workflow_service.entrypoints.http import templates as templates_http
from workflow_service.entrypoints.http import units as units_http

DATA = CHECKOUT / "demo" / "data"
HEADER = b"unit_id,name,kind,parent_id,headcount\n"
CSV = HEADER + b"region,Region,region,,\nrehab,Rehab,unit,region,18\n"


NewUnitOfWork = Callable[[], WorkflowUnitOfWork]


@dataclass(frozen=True)
class App:
    """What the routers need of the application object."""

    uow: NewUnitOfWork


@pytest.fixture
def uow(engine: AsyncEngine) -> NewUnitOfWork:
    return lambda: WorkflowUnitOfWork(engine)


@dataclass
class Client:
    """Calls the API as a persona; every POST has a key of its own unless given."""

    http: httpx.AsyncClient
    tokens: dict[str, str]

    async def call(
        self, who: str, method: str, path: str, key: str | None = None, **body: Any
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.tokens[who]}", **body.pop("headers", {})}
        if method == "POST":
            headers["idempotency-key"] = key or str(uuid4())
        return await self.http.request(method, path, headers=headers, **body)

    async def send(self, content: bytes, query: str = "", **more: Any) -> httpx.Response:
        headers = {"content-type": more.pop("content_type", "text/csv; charset=utf-8")}
        path = f"/units/import{query}"
        return await self.call(
            "administrator", "POST", path, content=content, headers=headers, **more
        )


@pytest.fixture
async def client(engine: AsyncEngine, uow: NewUnitOfWork, servers: Stack) -> AsyncIterator[Client]:
    issuer = servers.env["ISSUER_URL"]
    authenticator = Authenticator(Auth(issuer=issuer))
    api = create_api(
        title="Units",
        description="Units and templates alone.",
        routers=[units_http.router, templates_http.router],
        engine=engine,
        authenticator=authenticator,
        app=App(uow),
        limits=Limits(),
        audit=Audit(),
        kafka=Kafka(bootstrap_servers="127.0.0.1:9"),
        refusals=DomainError,
    )
    tokens = devstack.tokens(
        issuer, ["administrator", "manager", "employee", "auditor", "subscriber"]
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api), base_url="http://workflow/v1"
    ) as http:
        yield Client(http, tokens)
    await authenticator.close()


async def outbox(engine: AsyncEngine) -> Sequence[tuple[str, str, dict[str, Any]]]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("select type, key, payload from outbox order by id"))
        return [(row.type, row.key, json.loads(row.payload)) for row in rows]


async def test_a_preview_then_the_import_then_the_difference(
    client: Client, engine: AsyncEngine
) -> None:
    preview = await client.send(CSV, "?dry_run=true")
    assert preview.json() == {
        "dry_run": True,
        "added": ["region", "rehab"],
        "changed": [],
        "unchanged": 0,
        "absent": [],
        "without_people": [],
        "ignored_columns": [],
        "warnings": [],
    }
    assert await outbox(engine) == []
    done = await client.send(CSV)
    assert (done.status_code, done.json()["added"]) == (200, ["region", "rehab"])
    changed = await client.send(HEADER + b"rehab,Rehab,unit,region,20\n")
    assert changed.json()["changed"] == [{"unit_id": "rehab", "fields": ["headcount"]}]
    assert changed.json()["absent"] == ["region"]
    assert [(kind, key, data["version"]) for kind, key, data in await outbox(engine)] == [
        ("workflow.unit.registered.v1", "region", 1),
        ("workflow.unit.registered.v1", "rehab", 1),
        ("workflow.unit.changed.v1", "rehab", 2),
    ]
    seen = (await client.call("auditor", "GET", "/units/rehab")).json()
    assert (seen["path"], seen["headcount"], seen["version"]) == (["region", "rehab"], 20, 2)
    page = (await client.call("auditor", "GET", "/units?limit=1&page=2")).json()
    assert (page["items"], page["total"]) == ([seen], 2)
    below = (await client.call("auditor", "GET", "/units?parent_id=region")).json()
    assert (below["items"], below["total"]) == ([seen], 1)


async def test_a_bad_file_tells_everything_and_writes_nothing(
    client: Client, engine: AsyncEngine
) -> None:
    bad = CSV + b"loop,Loop,unit,loop,3\nodd,,unit,region,-1\n"
    answer = await client.send(bad)
    assert (answer.status_code, answer.json()["code"]) == (422, "unit-file-invalid")
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/rows/4/parent_id",
        "/rows/5/name",
        "/rows/5/headcount",
    ]
    assert (await client.call("administrator", "GET", "/units")).json()["total"] == 0
    assert await outbox(engine) == []


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        ("Hälsa".encode("latin-1"), "text/csv", 422, "unit-file-invalid"),
        (b"", "text/csv", 422, "unit-file-invalid"),
        (CSV, "application/json", 415, "unsupported-media-type"),
    ],
)
async def test_files_that_cannot_be_taken(
    client: Client, content: bytes, content_type: str, status: int, code: str
) -> None:
    answer = await client.send(content, content_type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_file_over_the_body_limit(client: Client, engine: AsyncEngine) -> None:
    assert (await client.send(CSV + b"x" * MAX_FILE_BYTES)).status_code == 413
    assert await outbox(engine) == []


async def test_one_key_is_one_import(client: Client, engine: AsyncEngine) -> None:
    first = await client.send(CSV, key="k-1")
    assert (await client.send(CSV, key="k-1")).content == first.content
    assert (await client.send(CSV + b"\n", key="k-1")).status_code == 422
    assert len(await outbox(engine)) == 2


async def test_two_imports_at_once_cannot_make_a_ring(uow: NewUnitOfWork) -> None:
    start = HEADER + b"a,A,unit,,3\nb,B,unit,,3\n"
    async with uow() as tx:
        await import_units(importing(start), tx)

    async def move(row: bytes) -> str:
        try:
            async with uow() as tx:
                await import_units(importing(HEADER + row), tx)
        except DomainError as error:
            return str(error.errors[0]["detail"])
        return "moved"

    answers = await asyncio.gather(move(b"a,A,unit,b,3\n"), move(b"b,B,unit,a,3\n"))
    assert sorted("own parents" in answer for answer in answers) == [False, True]
    assert "moved" in answers


async def test_the_sample_organisation_is_imported(client: Client) -> None:
    units = (DATA / "units.csv").read_text("utf-8")
    answer = await client.send(units.encode())
    assert answer.status_code == 200, answer.text
    other = io.StringIO()
    csv.writer(other, delimiter=";").writerows(csv.reader(io.StringIO(units)))
    again = await client.send(other.getvalue().encode("utf-8-sig"))
    assert (again.json()["unchanged"], again.json()["added"]) == (len(answer.json()["added"]), [])


async def test_the_column_of_managers_is_left_out_with_a_warning(client: Client) -> None:
    old = HEADER.replace(b"\n", b",Manager_ID\n") + b"rehab,Rehab,unit,,18,m-0001\n"
    answer = (await client.send(old)).json()
    assert (answer["added"], answer["ignored_columns"]) == (["rehab"], ["Manager_ID"])
    (warning,) = answer["warnings"]
    assert warning["code"] == "managers-elsewhere"
    assert "POST /v1/persons/import" in warning["detail"]
    assert (await client.send(CSV)).json()["warnings"] == []


async def test_a_unit_tells_whether_it_has_a_manager_and_since_when(
    client: Client, engine: AsyncEngine
) -> None:
    await client.send(CSV)
    seen = (await client.call("auditor", "GET", "/units/rehab")).json()
    assert (seen["has_manager"], seen["manager_since"]) == (False, None)
    since = datetime(2026, 3, 1, 8, tzinfo=UTC)
    async with WorkflowUnitOfWork(engine) as uow:
        await note_manager(NoteManager("rehab", True, since, 1), uow)
    seen = (await client.call("auditor", "GET", "/units/rehab")).json()
    assert (seen["has_manager"], seen["manager_since"]) == (True, "2026-03-01T08:00:00Z")


@pytest.mark.parametrize(
    ("who", "units"), [("manager", ["rehabenheten", "team"]), ("employee", ["rehabenheten"])]
)
async def test_who_leads_a_unit_sees_all_below_it_and_who_works_there_does_not(
    client: Client, who: str, units: list[str]
) -> None:
    await client.send(
        HEADER
        + b"region,Region,region,,\nrehab,Rehab,unit,region,18\n"
        + b"rehabenheten,Own,operation,region,\nteam,Team,unit,rehabenheten,9\n"
    )
    seen = (await client.call(who, "GET", "/units")).json()
    assert ([unit["unit_id"] for unit in seen["items"]], seen["total"]) == (units, len(units))
    team = await client.call(who, "GET", "/units/team")
    assert team.status_code == (200 if "team" in units else 404)
    answers = []
    for unit_id in ("rehab", "gone1"):
        answer = await client.call(who, "GET", f"/units/{unit_id}")
        problem = json.loads(answer.text.replace(unit_id, "ID"))
        problem.pop("trace_id", None)
        answers.append((answer.status_code, problem))
    foreign, unknown = answers
    assert (foreign[0], foreign[1]["code"]) == (404, "unit-unknown")
    assert foreign == unknown


@pytest.mark.parametrize("name", ["template.json", "template.compressed.json"])
async def test_the_sample_templates_are_registered(client: Client, name: str) -> None:
    document = json.loads((DATA / name).read_text("utf-8"))
    checked = await client.call("administrator", "POST", "/templates/check", json=document)
    assert checked.status_code == 200, checked.text
    assert (await client.call("auditor", "GET", "/templates")).json()["total"] == 0
    made = await client.call("administrator", "POST", "/templates", json=document)
    assert made.status_code == 201, made.text
    same = await client.call("administrator", "POST", "/templates", json=document)
    assert same.json() == made.json()
    assert checked.json() == {"warnings": made.json()["warnings"]}
    path = f"/templates/{document['template_id']}/versions/1"
    assert (await client.call("auditor", "GET", path)).json() == made.json()
    listed = (await client.call("auditor", "GET", "/templates")).json()
    assert (listed["items"], listed["total"]) == ([made.json()], 1)
    document["waves"]["size"] = 3
    taken = await client.call("administrator", "POST", "/templates", json=document)
    assert (taken.status_code, taken.json()["code"]) == (409, "template-version-taken")
    document["version"], document["waves"]["size"] = 2, 0
    for path in ("/templates", "/templates/check"):
        wrong = await client.call("administrator", "POST", path, json=document)
        pointer = wrong.json()["errors"][0]["pointer"]
        assert (wrong.status_code, pointer) == (422, "/body/waves/size")


@pytest.mark.parametrize(
    ("who", "method", "path", "status"),
    [
        ("manager", "POST", "/units/import", 403),
        ("manager", "GET", "/templates", 403),
        ("subscriber", "GET", "/units", 403),
        ("subscriber", "GET", "/units/rehab", 403),
        ("auditor", "POST", "/templates", 403),
        ("auditor", "GET", "/units/gone", 404),
        ("auditor", "GET", "/units/G%00NE", 422),
        ("auditor", "GET", "/templates/um/versions/1", 404),
        ("auditor", "GET", "/templates/um/versions/99999999999", 422),
    ],
)
async def test_refusals(client: Client, who: str, method: str, path: str, status: int) -> None:
    answer = await client.call(who, method, path, json={})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
