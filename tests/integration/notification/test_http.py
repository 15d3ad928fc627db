"""The API: who may do what, what is refused and how, and what no response contains."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from integration.notification.conftest import Start
from integration.notification.service import Service

SUBSCRIPTION = {"url": "https://hr.example.se/events", "event_types": ["external.wave.*"]}
ID = "00000000-0000-4000-8000-000000000000"

READING = {"administrator", "auditor", "operator", "subscriber"}
RESUMING = {"administrator", "operator", "subscriber"}
ROUTES = [
    ("GET", "/messages", {"administrator", "auditor", "operator"}),
    ("GET", "/quarantine", {"administrator", "auditor", "operator"}),
    ("POST", "/quarantine/lift", {"operator"}),
    ("GET", "/load-cap", {"administrator", "auditor", "operator"}),
    ("POST", "/subscriptions", {"administrator", "subscriber"}),
    ("GET", "/subscriptions", READING),
    ("GET", f"/subscriptions/{ID}", READING),
    ("PATCH", f"/subscriptions/{ID}", {"administrator", "subscriber"}),
    ("DELETE", f"/subscriptions/{ID}", {"administrator", "subscriber"}),
    ("POST", f"/subscriptions/{ID}/rotate-secret", {"administrator", "subscriber"}),
    ("POST", f"/subscriptions/{ID}/enable", RESUMING),
    ("POST", f"/subscriptions/{ID}/test", {"administrator", "subscriber"}),
    ("GET", "/event-types", READING),
    ("GET", "/deliveries", READING),
    ("GET", f"/deliveries/{ID}", READING),
    ("POST", f"/deliveries/{ID}/redeliver", RESUMING),
]
PERSONAS = ("administrator", "auditor", "operator", "subscriber", "manager", "employee")


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
