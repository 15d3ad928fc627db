"""Subscriptions over HTTP: registered, changed, shown to their owners, and described."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import jsonschema
import pytest

from contracts.envelope import Message
from integration.notification.receiver import Receiver
from integration.notification.service import Service
from integration.notification.test_http import ID, SUBSCRIPTION


async def test_a_subscriber_sees_and_touches_its_own_only(service: Service) -> None:
    foreign = (await service.ask("POST", "/subscriptions", json=SUBSCRIPTION)).json()
    own = await service.ask("POST", "/subscriptions", as_="subscriber", json=SUBSCRIPTION)
    test = await service.ask("POST", f"/subscriptions/{foreign['subscription_id']}/test")
    listed = (await service.ask("GET", "/subscriptions", as_="subscriber")).json()["items"]
    assert [s["subscription_id"] for s in listed] == [own.json()["subscription_id"]]
    assert (await service.ask("GET", "/deliveries", as_="subscriber")).json()["total"] == 0
    for method, path in [
        ("DELETE", f"/subscriptions/{foreign['subscription_id']}"),
        ("POST", f"/subscriptions/{foreign['subscription_id']}/rotate-secret"),
        ("POST", f"/subscriptions/{foreign['subscription_id']}/test"),
        ("POST", f"/deliveries/{test.json()['delivery_id']}/redeliver"),
    ]:
        refused = await service.ask(method, path, as_="subscriber")
        unknown = await service.ask(
            method,
            path.replace(foreign["subscription_id"], ID).replace(test.json()["delivery_id"], ID),
            as_="subscriber",
        )
        assert refused.status_code == unknown.status_code == 404
        assert refused.json()["code"] == unknown.json()["code"]
    path = f"/subscriptions/{own.json()['subscription_id']}"
    assert (await service.ask("DELETE", path, as_="subscriber")).status_code == 204


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"url": "http://10.0.0.1/", "event_types": ["x"]}, {"/body/url", "/body/event_types/0"}),
        ({"url": "https://169.254.169.254/", "event_types": ["external.*"]}, {"/body/url"}),
        ({"url": f"https://{'a' * 300}.se/", "event_types": ["external.*"]}, {"/body/url"}),
        ({"url": "https://a..b/", "event_types": ["external.*"]}, {"/body/url"}),
        ({"url": "https://localhost/", "event_types": []}, {"/body/event_types"}),
        ({"url": 1, "event_types": "external.*"}, {"/body/url", "/body/event_types"}),
        ({**SUBSCRIPTION, "owner": "somebody"}, {"/body/owner"}),
    ],
)
async def test_wrong_registrations(
    service: Service, body: dict[str, Any], pointers: set[str]
) -> None:
    answer = await service.ask("POST", "/subscriptions", json=body)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers


async def test_a_second_subscription_names_the_first(service: Service) -> None:
    made = (await service.ask("POST", "/subscriptions", json=SUBSCRIPTION)).json()
    assert "not known to the name servers" in made["warnings"][0]
    again = await service.ask("POST", "/subscriptions", json=SUBSCRIPTION)
    assert (again.status_code, again.json()["code"]) == (409, "subscription-exists")
    assert made["subscription_id"] in again.json()["detail"]
    other = {**SUBSCRIPTION, "event_types": ["external.decision.published.v1"]}
    assert (await service.ask("POST", "/subscriptions", json=other)).status_code == 201


async def test_of_two_at_once_one_is_made(service: Service) -> None:
    asked = [service.ask("POST", "/subscriptions", json=SUBSCRIPTION) for _ in range(4)]
    statuses = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(statuses) == [201, 409, 409, 409]


async def test_a_subscription_is_changed_and_shown(service: Service) -> None:
    made = (await service.ask("POST", "/subscriptions", json=SUBSCRIPTION)).json()
    path = f"/subscriptions/{made['subscription_id']}"
    changed = await service.ask("PATCH", path, json={"event_types": ["external.*"]})
    assert (changed.status_code, changed.json()["event_types"]) == (200, ["external.*"])
    assert (changed.json()["url"], changed.json()["warnings"]) == (SUBSCRIPTION["url"], [])
    moved = await service.ask("PATCH", path, json={"url": "https://bi.example.invalid/"})
    assert len(moved.json()["warnings"]) == 1
    shown = (await service.ask("GET", path)).json()
    assert (shown["url"], shown["event_types"]) == ("https://bi.example.invalid/", ["external.*"])
    assert "secret" not in shown
    wrongs: tuple[dict[str, Any], ...] = ({}, {"url": None}, {"event_types": []}, {"owner": "x"})
    for wrong in wrongs:
        assert (await service.ask("PATCH", path, json=wrong)).status_code == 422
    for url in ("http://10.0.0.1/", "https://a..b/"):
        refused = await service.ask("PATCH", path, json={"url": url})
        assert refused.json()["code"] == "subscription-invalid"


async def test_the_document_describes_the_payload_of_every_event_type(service: Service) -> None:
    document = service.app.api().openapi()
    listed = (await service.ask("GET", "/event-types")).json()
    assert sorted(document["webhooks"]) == [one["event_type"] for one in listed]
    for item in document["webhooks"].values():
        name = item["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        payload = document["components"]["schemas"][name.rpartition("/")[2]]
        assert set(payload["properties"]) == {"id", "type", "timestamp", "test", "data"}
        assert payload["examples"][0]["type"] == payload["properties"]["type"]["const"]


async def test_an_events_schema_is_served_at_the_address_that_it_names(service: Service) -> None:
    message = Message(
        uuid4(), "external.wave.started.v1", "/workflow", datetime.now(UTC), "r", b"{}"
    )
    newest = await service.client.get(_path(message.headers()["ce_dataschema"]))
    assert newest.headers["content-type"] == "application/schema+json"
    schema = newest.json()
    revision = await service.client.get(_path(schema["$id"]))
    assert revision.json() == schema
    assert "max-age" in revision.headers["cache-control"]
    (sample,) = (
        one["sample"]
        for one in (await service.ask("GET", "/event-types")).json()
        if one["event_type"] == message.type
    )
    jsonschema.validate(sample, schema)


@pytest.mark.parametrize("name", ["nothing.v1", "..%2f..%2fREADME", "external.wave.started.v1/9"])
async def test_a_schema_that_does_not_exist_is_not_found(service: Service, name: str) -> None:
    answer = await service.client.get(f"http://notification/schemas/{name}.json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def _path(address: str) -> str:
    """The address at the service under test instead of the platform's public host."""
    return f"http://notification{urlsplit(address).path}"


async def test_the_published_types_are_listed_when_another_is_asked_for(service: Service) -> None:
    body = {**SUBSCRIPTION, "event_types": ["workflow.unit.registered.v1"]}
    answer = await service.ask("POST", "/subscriptions", json=body)
    assert "external.decision.published.v1" in answer.json()["errors"][0]["detail"]


async def test_a_deleted_subscription_leaves_nothing(service: Service) -> None:
    async with Receiver() as receiver:
        body = {**SUBSCRIPTION, "url": receiver.url}
        made = (await service.ask("POST", "/subscriptions", json=body)).json()
        path = f"/subscriptions/{made['subscription_id']}"
        assert (await service.ask("POST", f"{path}/test")).status_code == 202
        assert (await service.ask("DELETE", path)).status_code == 204
    assert (await service.ask("GET", "/deliveries")).json()["total"] == 0
    assert (await service.ask("POST", f"{path}/test")).json()["code"] == "unknown-subscription"
