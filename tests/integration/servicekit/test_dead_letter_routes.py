"""An operator handles dead letters over HTTP: real Kafka and PostgreSQL, the sample's consumer.

Shown to fail, one at a time, for: a letter that is only marked as handled in the answer; a mark
that counts although the event's sender wrote it; a line that is written after the letter was sent;
a route that waits for Kafka as long as Kafka's client does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from integration.servicekit.flow import (
    counted,
    dead_letters,
    effects,
    message,
    send,
    wait_for_effects,
)
from servicekit import dead_letter_topic
from servicekit.auth import Authenticator
from servicekit.consumer_group import EventMeta
from servicekit.http import create_api
from servicekit.settings import Audit, Auth, Database, Kafka, Limits
from support.apps import CounterBumped, Refused, SampleUnitOfWork, running, unique
from support.audit import EVERYWHERE, Trail
from support.checker import read_topics
from support.eventually import eventually
from support.fault_proxy import FaultProxy
from support.tokens import ISSUER, FakeIssuer, held

Open = Callable[..., Awaitable[httpx.AsyncClient]]
REASON = "The counter was removed."


class Handler:
    """Cannot take any event until it is fixed."""

    fixed = False

    async def __call__(self, bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        if not self.fixed:
            raise Refused("counter-stopped", "conflict", "The counter is stopped.")
        await uow.effect(bumped, meta)


@pytest.fixture
async def open_(engine, event, kafka_settings: Kafka) -> AsyncIterator[Open]:
    """A client of the API of a service, as an operator, whose Kafka may be elsewhere."""
    clients: list[httpx.AsyncClient] = []

    class App:
        def uow(self) -> SampleUnitOfWork:
            return SampleUnitOfWork(engine, event)

    async def open_(roles=("operator",), kafka: Kafka = kafka_settings) -> httpx.AsyncClient:
        issuer = FakeIssuer()
        api = create_api(
            title="Sample",
            description="",
            routers=[],
            engine=engine,
            authenticator=Authenticator(Auth(issuer=ISSUER), issuer.client),
            app=App(),
            limits=Limits(),
            audit=Audit(),
            kafka=kafka,
            refusals=Refused,
        )
        token = issuer.token(sub="operator-1", assignments=held(list(roles), ["*"]))
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(api, raise_app_exceptions=False),
            base_url="http://sample/v1",
            headers={"authorization": f"Bearer {token}"},
            timeout=60,
        )
        clients.append(client)
        return client

    yield open_
    for client in clients:
        await client.aclose()


@pytest.fixture
def group() -> str:
    return f"sample.{unique('g')}"


async def listed(client: httpx.AsyncClient, group: str) -> list[dict[str, Any]]:
    answer = await client.get("/dead-letters", params={"group": group})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def handle(
    client: httpx.AsyncClient, group: str, how: str, offsets: list[int], key: str = ""
) -> httpx.Response:
    body = {"offsets": offsets, **({"reason": REASON} if how == "discard" else {})}
    headers = {"idempotency-key": key or str(uuid4())}
    return await client.post(f"/dead-letters/{group}/{how}", json=body, headers=headers)


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def planted(event, producer, kafka: str, group: str, count: int, **headers: bytes) -> None:
    for version in range(1, count + 1):
        await send(producer, event.TOPIC, message(event, counted(version)), **headers)
    await dead_letters(kafka, group, count)


async def test_letters_are_sent_again_or_discarded_one_by_one_in_any_order(
    open_: Open, engine, event, flow, relay, producer, kafka, group, database: Database
):
    client, handler, trail = await open_(), Handler(), Trail(database)
    async with running(flow(handler, group)), running(relay):
        await planted(event, producer, kafka, group, 4)
        found = await listed(client, group)
        assert [one["offset"] for one in found] == [0, 1, 2, 3]
        assert {(one["error"], one["code"]) for one in found} == {("Refused", "counter-stopped")}
        assert found[0]["type"] == event.TYPE
        assert "counter_id" not in str(found)
        assert (await client.get(f"/dead-letters/{group}/2")).json() == found[2]

        handler.fixed = True
        answer = await handle(client, group, "redrive", [2])
        assert answer.json() == {"offsets": [2]}
        assert await wait_for_effects(engine, 1) == [("a", 3)]
        assert [one["offset"] for one in await listed(client, group)] == [0, 1, 3]
        refused(await client.get(f"/dead-letters/{group}/2"), 404, "dead-letter-unknown")
        line = await trail.one()
        assert line[:3] == (
            "operator-1",
            "dead_letters.handle/redrive_dead_letters",
            f"dead-letter/{group}/2",
        )
        origin = found[2]["origin"]
        assert line.before == {"origin": origin, "type": event.TYPE, "error": "Refused"}

        assert (await handle(client, group, "discard", [3])).is_success
        assert (await trail.one()).reason == REASON
        assert (await handle(client, group, "redrive", [1, 0])).json() == {"offsets": [0, 1]}
        assert len(await trail.new()) == 2
        assert await wait_for_effects(engine, 3) == [("a", 1), ("a", 2), ("a", 3)]
        assert await listed(client, group) == []
    assert trail.actions == EVERYWHERE
    left = await read_topics(kafka, f"{group}.dlq")
    assert [one.value for one in left if one.value] == [], "what was handled is deleted"


async def test_what_fails_again_is_listed_again(
    open_: Open, event, flow, relay, producer, kafka, group
):
    client = await open_()
    async with running(flow(Handler(), group)), running(relay):
        await planted(event, producer, kafka, group, 1)
        (first,) = await listed(client, group)
        assert (await handle(client, group, "redrive", [0])).is_success

        async def again() -> dict[str, Any]:
            (one,) = await listed(client, group)
            assert one["offset"] > 0
            return one

        second = await eventually(again)
        assert second["origin"] == first["origin"]


async def test_the_same_request_again_does_it_once(
    open_: Open, event, flow, relay, producer, kafka, group, database: Database
):
    client, trail = await open_(), Trail(database)
    async with running(flow(Handler(), group)), running(relay):
        await planted(event, producer, kafka, group, 2)
        answers = [await handle(client, group, "discard", [1], "key") for _ in range(2)]
        assert [one.json() for one in answers] == [{"offsets": [1]}] * 2
        await trail.one()
        refused(await handle(client, group, "discard", [0, 1]), 409, "dead-letter-handled")
        assert await trail.new() == []
        assert [one["offset"] for one in await listed(client, group)] == [0]


async def test_a_failure_after_the_line_loses_nothing_and_the_same_request_goes_on(
    open_: Open, event, flow, relay, producer, kafka, group, database, monkeypatch
):
    client, trail = await open_(), Trail(database)
    async with running(flow(Handler(), group)), running(relay):
        await planted(event, producer, kafka, group, 1)

        async def ends(*_: object) -> None:
            raise KafkaError

        with monkeypatch.context() as patch:
            patch.setattr(dead_letter_topic.Letters, "discard", ends)
            answer = await handle(client, group, "discard", [0], "key")
        refused(answer, 503, "kafka-unavailable")
        await trail.one()
        assert len(await listed(client, group)) == 1
        assert (await handle(client, group, "discard", [0], "key")).is_success
        assert await trail.new() == []
        assert await listed(client, group) == []


async def test_an_events_sender_cannot_mark_a_letter_as_handled(
    open_: Open, event, flow, relay, producer, kafka, group
):
    async with running(flow(Handler(), group)), running(relay):
        await planted(event, producer, kafka, group, 2, dlq_handled=b"0")
        assert len(await listed(await open_(), group)) == 2


async def test_two_at_a_time_are_refused(
    open_: Open, event, flow, relay, producer, kafka, group, database
):
    client, trail = await open_(), Trail(database)
    async with running(flow(Handler(), group)), running(relay):
        await planted(event, producer, kafka, group, 1)
        other = AIOKafkaConsumer(
            f"{group}.dlq", bootstrap_servers=kafka, group_id=f"{group}.dlq.redrive"
        )
        await other.start()
        try:
            answer = await handle(client, group, "redrive", [0])
        finally:
            await other.stop()
        refused(answer, 409, "dead-letters-in-use")
        assert await trail.new() == []


async def test_only_the_services_own_groups_are_shown_and_handled(
    open_: Open, event, flow, relay, producer, kafka
):
    client, foreign = await open_(), f"other.{unique('g')}"
    async with running(flow(Handler(), foreign)), running(relay):
        await planted(event, producer, kafka, foreign, 1)
        assert await listed(client, foreign) == []
        refused(await client.get(f"/dead-letters/{foreign}/0"), 404, "dead-letter-unknown")
        refused(await handle(client, foreign, "discard", [0]), 404, "dead-letter-unknown")


async def test_wrong_requests_are_refused(open_: Open, group):
    client = await open_()
    refused(await handle(client, group, "redrive", []), 422, "invalid-request")
    refused(await handle(client, group, "redrive", [-1]), 422, "invalid-request")
    refused(await handle(client, group, "redrive", list(range(101))), 422, "invalid-request")
    blank = {"offsets": [0], "reason": " "}
    headers = {"idempotency-key": "k"}
    answer = await client.post(f"/dead-letters/{group}/discard", json=blank, headers=headers)
    refused(answer, 422, "invalid-request")
    auditor = await open_(["auditor"])
    refused(await handle(auditor, group, "redrive", [0]), 403, "role-missing")
    assert (await auditor.get("/dead-letters")).status_code == 200


@pytest.mark.parametrize("swallowing", [True, False])
async def test_while_kafka_is_away_the_answer_comes_within_seconds(
    open_: Open, kafka: str, group, database, swallowing: bool
):
    host, port = kafka.split(",")[0].rsplit(":", 1)
    trail = Trail(database)
    async with FaultProxy(host, int(port)).serving() as proxy:
        proxy.swallowing = swallowing
        away = f"127.0.0.1:{proxy.port if swallowing else 9}"
        client = await open_(kafka=Kafka(bootstrap_servers=away))
        began = time.monotonic()
        answers = await asyncio.gather(
            client.get("/dead-letters"),
            client.get(f"/dead-letters/{group}/0"),
            handle(client, group, "discard", [0]),
        )
        assert time.monotonic() - began < 8
    for answer in answers:
        refused(answer, 503, "kafka-unavailable")
        assert answer.headers["retry-after"] == "5"
    assert await trail.new() == []


async def test_pages_are_in_the_order_of_time(
    open_: Open, engine, event, flow, relay, producer, kafka, group
):
    client = await open_()
    async with running(flow(Handler(), group)), running(relay):
        await planted(event, producer, kafka, group, 3)
    page = (
        await client.get("/dead-letters", params={"group": group, "limit": 2, "page": 2})
    ).json()
    assert ([one["offset"] for one in page["items"]], page["total"]) == ([2], 3)
    everything = partial(listed, client, group)
    times = [one["at"] for one in await everything()]
    assert times == sorted(times)
    assert await effects(engine) == []
