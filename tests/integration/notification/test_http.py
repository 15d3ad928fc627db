"""The API: who may do what, what is refused and how, and what no response contains."""

import asyncio
import json
import re
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from integration.notification.conftest import Start
from integration.notification.service import Service, person_row
from servicekit.http import MAX_FILE_BYTES

SUBSCRIPTION = {"url": "https://hr.example.se/events", "event_types": ["external.wave.*"]}
ID = "00000000-0000-4000-8000-000000000000"

ROUTES = [
    ("POST", "/recipients/import", {"administrator"}),
    ("GET", "/recipients", {"administrator"}),
    ("DELETE", "/recipients/p-0001", {"administrator"}),
    ("GET", "/import-mappings", {"administrator"}),
    ("PUT", "/import-mappings/hr", {"administrator"}),
    ("GET", "/import-mappings/hr", {"administrator"}),
    ("DELETE", "/import-mappings/hr", {"administrator"}),
    ("GET", "/open-problems", {"administrator", "auditor"}),
    ("GET", "/messages", {"administrator", "auditor"}),
    ("POST", "/subscriptions", {"administrator", "subscriber"}),
    ("GET", "/subscriptions", {"administrator", "auditor", "subscriber"}),
    ("GET", f"/subscriptions/{ID}", {"administrator", "auditor", "subscriber"}),
    ("PATCH", f"/subscriptions/{ID}", {"administrator", "subscriber"}),
    ("DELETE", f"/subscriptions/{ID}", {"administrator", "subscriber"}),
    ("POST", f"/subscriptions/{ID}/rotate-secret", {"administrator", "subscriber"}),
    ("POST", f"/subscriptions/{ID}/enable", {"administrator", "subscriber"}),
    ("POST", f"/subscriptions/{ID}/test", {"administrator", "subscriber"}),
    ("GET", "/event-types", {"administrator", "auditor", "subscriber"}),
    ("GET", "/deliveries", {"administrator", "auditor", "subscriber"}),
    ("GET", f"/deliveries/{ID}", {"administrator", "auditor", "subscriber"}),
    ("POST", f"/deliveries/{ID}/redeliver", {"administrator", "subscriber"}),
]
PERSONAS = ("administrator", "auditor", "subscriber", "manager", "employee")


async def test_each_route_is_open_to_its_roles_and_to_no_other(service: Service) -> None:
    for method, path, roles in ROUTES:
        anonymous = await service.client.request(method, path, headers={"idempotency-key": "x"})
        assert anonymous.status_code == 401, path
        for persona in PERSONAS:
            answer = await service.ask(method, path, as_=persona)
            refused = (answer.status_code, answer.json()["code"]) if answer.is_error else None
            if persona in roles:
                assert refused not in ((403, "role-missing"), (401, "unauthenticated")), path
            else:
                assert refused == (403, "role-missing"), (path, persona)


async def test_the_table_of_roles_names_every_route(service: Service) -> None:
    described = {
        (method.upper(), path)
        for path, item in service.app.api().openapi()["paths"].items()
        for method in item
        if not path.startswith(("/v1/api-info", "/schemas/"))  # for anybody
    }
    named = re.compile(f"{ID}|p-0001|(?<=mappings/)hr")
    assert {(method, named.sub("{id}", path)) for method, path, _ in ROUTES} == {
        (method, re.sub(r"\{\w+\}", "{id}", path.removeprefix("/v1"))) for method, path in described
    }


async def test_a_file_full_of_faults_gets_a_short_response(service: Service) -> None:
    answer = await service.import_people(*(f",,,,,{n}" for n in range(19_999)))
    assert (answer.status_code, answer.json()["code"]) == (422, "import-invalid")
    assert len(answer.content) < 50_000


async def test_import_preview_then_import(service: Service) -> None:
    rows = [person_row(1), person_row(2, "manager"), person_row(3, "administrator", "")]
    preview = await service.import_people(*rows, dry_run=True)
    expected = {
        "dry_run": True,
        "added": ["p-0001", "p-0002", "p-0003"],
        "changed": [],
        "unchanged": 0,
        "absent": [],
        "unknown_units": ["rehab"],
        "ignored_columns": [],
        "warnings": [
            {
                "kind": "unit-unknown",
                "unit_id": "rehab",
                "ids": ["p-0001", "p-0002"],
                "count": 2,
                "explanation": preview.json()["warnings"][0]["explanation"],
            }
        ],
        "warnings_total": 1,
    }
    assert preview.json() == expected
    assert (await service.ask("GET", "/recipients")).json()["total"] == 0
    assert (await service.import_people(*rows)).json() == {**expected, "dry_run": False}
    again = await service.import_people(person_row(1, language="en"), rows[2])
    assert again.json()["changed"] == [{"recipient_id": "p-0001", "fields": ["language"]}]
    assert again.json()["absent"] == ["p-0002"]
    listed = (await service.ask("GET", "/recipients", params={"limit": 1, "page": 2})).json()
    assert (listed["total"], [r["recipient_id"] for r in listed["items"]]) == (3, ["p-0002"])
    assert (await service.ask("DELETE", "/recipients/p-0002")).status_code == 204
    assert (await service.ask("DELETE", "/recipients/p-0002")).json()["code"] == "unknown-recipient"


async def test_open_problems_are_listed_in_pages(service: Service) -> None:
    await service.import_people(person_row(1), person_row(2, "manager"))
    async with service.app.uow() as uow:
        await uow.units.remember("rehab", "Rehab", 1)
        await uow.units.assign_manager("rehab", "P-0002", 1)
    pages = [
        (await service.ask("GET", "/open-problems", as_="auditor", params={"limit": 1, "page": n}))
        for n in (1, 2)
    ]
    found = [(page.json()["total"], page.json()["items"][0]) for page in pages]
    assert [(total, item["kind"], item["ids"]) for total, item in found] == [
        (2, "manager-unknown", ["P-0002"]),
        (2, "ids-differ-in-case", ["P-0002", "p-0002"]),
    ]
    again = await service.import_people(person_row(1))
    assert again.json()["warnings"] == [item for _, item in found]


async def test_a_faulty_import_reports_everything_and_writes_nothing(service: Service) -> None:
    answer = await service.import_people(person_row(1), "p-2,,nomail,xx,boss,Unit", person_row(1))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "import-invalid"
    assert {error["pointer"] for error in problem["errors"]} == {
        "/rows/3/name",
        "/rows/3/email",
        "/rows/3/language",
        "/rows/3/role",
        "/rows/4/recipient_id",
    }
    assert (await service.ask("GET", "/recipients")).json()["total"] == 0


@pytest.mark.parametrize(
    ("headers", "content", "status", "code"),
    [
        ({"content-type": "application/json"}, b"{}", 415, "unsupported-media-type"),
        ({"content-type": "text/csv"}, b"\xff\xfe", 422, "import-invalid"),
        ({"content-type": "text/csv"}, b"x" * (MAX_FILE_BYTES + 1), 413, "body-too-large"),
    ],
)
async def test_bodies_that_are_no_file(
    service: Service, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    answer = await service.ask("POST", "/recipients/import", headers=headers, content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_repeated_post_has_one_effect_and_one_answer(service: Service) -> None:
    key = str(uuid4())

    async def post(body: dict[str, Any]) -> Any:
        return await service.ask("POST", "/subscriptions", key=key, json=body)

    answers = await asyncio.gather(*(post(SUBSCRIPTION) for _ in range(5)))
    others = [answer.json()["code"] for answer in answers if answer.is_error]
    assert set(others) <= {"request-in-progress"}
    bodies = {answer.text for answer in [*answers, await post(SUBSCRIPTION)] if answer.is_success}
    assert len(bodies) == 1
    assert json.loads(bodies.pop())["secret"].startswith("whsec_")
    other = await post({**SUBSCRIPTION, "url": "https://bi.example.se/"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert (await service.ask("GET", "/subscriptions")).json()["total"] == 1


async def test_a_repeated_post_whose_secret_is_retired_says_so(start: Start) -> None:
    old, new, key = "o" * 32, "n" * 32, str(uuid4())

    async def post(*signing_keys: str) -> httpx.Response:
        service = start(webhook={"signing_keys": list(signing_keys)})
        return await service.ask("POST", "/subscriptions", key=key, json=SUBSCRIPTION)

    made = await post(old)
    replaced = await post(new, old)
    assert (replaced.status_code, replaced.text) == (201, made.text)
    retired = await post(new)
    assert (retired.status_code, retired.json()["code"]) == (409, "secret-retired")
    assert made.json()["subscription_id"] in retired.json()["detail"]


async def test_a_secret_is_shown_once_and_stored_nowhere(service: Service) -> None:
    made = (await service.ask("POST", "/subscriptions", json=SUBSCRIPTION)).json()
    path = f"/subscriptions/{made['subscription_id']}/rotate-secret"
    rotated = (await service.ask("POST", path)).json()
    secrets = {made["secret"], rotated["secret"]}
    assert len(secrets) == 2
    listed = (await service.ask("GET", "/subscriptions")).text
    connection = await asyncpg.connect(service.settings.db.dsn.get_secret_value())
    try:
        tables = await connection.fetch(
            "select table_name from information_schema.tables where table_schema = 'public'"
        )
        stored = [
            bytes(value).decode(errors="replace") if isinstance(value, bytes) else str(value)
            for table in tables
            for row in await connection.fetch(f'select * from "{table["table_name"]}"')
            for value in row.values()
        ]
    finally:
        await connection.close()
    assert any(made["subscription_id"] in value for value in stored)
    for secret in secrets:
        assert secret not in listed
        assert not any(secret.removeprefix("whsec_") in value for value in stored)


async def test_no_body_of_a_mail_is_in_the_log(service: Service) -> None:
    schemas = json.dumps(service.app.api().openapi()["components"]["schemas"]["MessageBody"])
    assert not any(word in schemas for word in ("subject", '"text"', "html", "email"))
