"""Events in and out, over a real Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from assessment_service.domain.round import Unit
from contracts import Event, Message
from contracts.registry import EVENTS, TOPICS
from contracts.workflow import (
    JourneyPaused,
    JourneyResumed,
    JourneyStopped,
    RolloutPaused,
    RolloutResumed,
    UnitChanged,
    UnitRegistered,
)
from integration.assessment.service import Service, StartService, sheet
from servicekit.kafka import ensure_topics
from servicekit.settings import Kafka
from support.apps import running
from support.eventually import eventually


@pytest.fixture
async def worker(start: StartService, kafka: str) -> AsyncIterator[Service]:
    """A service whose worker components run."""
    await ensure_topics(Kafka(bootstrap_servers=kafka), list(TOPICS.values()))
    service: Service = await start(kafka)
    await service.prepare()
    async with AsyncExitStack() as stack:
        for component in service.app.components(["worker"])[1:]:  # without the listener
            await stack.enter_async_context(running(component, within=20))
        yield service


def unit_facts(**changes: Any) -> dict[str, Any]:
    return {"parent_id": None, "kind": "unit", "name": "Sample", "headcount": 9, **changes}


async def publish(kafka: str, *events: Event) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for event in events:
            message = Message(
                uuid4(),
                event.TYPE,
                TOPICS[event.TOPIC].source,
                datetime.now(UTC),
                event.key,
                event.model_dump_json().encode(),
            )
            headers = [(name, value.encode()) for name, value in message.headers().items()]
            await producer.send_and_wait(
                event.TOPIC, message.data, key=event.key.encode(), headers=headers
            )


async def test_units_are_kept_in_their_latest_version_whatever_the_order(
    worker: Service, kafka: str
) -> None:
    unit = f"unit-{uuid4().hex[:8]}"
    await publish(
        kafka,
        UnitChanged(unit_id=unit, version=3, **unit_facts(name="Third")),
        UnitRegistered(unit_id=unit, version=1, **unit_facts(name="First")),
        UnitChanged(unit_id=unit, version=2, **unit_facts(name="Second")),
        UnitRegistered(unit_id=f"{unit}-last", version=1, **unit_facts()),
    )

    async def known(unit_id: str) -> list[Unit]:
        async with worker.app.uow() as uow:
            return await uow.units.around([unit_id])

    await eventually(lambda: known(f"{unit}-last"), within=30)
    found = await eventually(lambda: known(unit))
    assert (found[0].name, found[0].version) == ("Third", 3)


async def test_a_stopped_journey_closes_the_units_open_rounds_and_no_others(
    worker: Service, kafka: str
) -> None:
    body = worker.opening(["ward", "clinic"])
    stopped = await worker.open(body)
    elsewhere = await worker.open(worker.opening(["office"]))
    event = JourneyStopped(rollout_id=body["rollout_id"], unit_id="ward")
    never_asked = JourneyStopped(rollout_id=body["rollout_id"], unit_id="office")
    last = JourneyStopped(rollout_id=body["rollout_id"], unit_id="clinic")
    await publish(kafka, event, never_asked, event, last)

    to_close = [stopped["ward"], stopped["clinic"]]

    async def closed() -> bool:
        return "open" not in [await worker.status(round_id) for round_id in to_close]

    await eventually(closed, within=60)
    assert await worker.status(elsewhere["office"]) == "open"
    ids = [e["round_id"] for kind, e in await worker.events() if kind.endswith("round.closed.v1")]
    assert sorted(ids) == sorted(to_close)
    late = await worker.answer(stopped["ward"], "ward", "somebody", sheet(3))
    assert late.json()["code"] == "round-closed"


async def test_pauses_hold_rounds_until_they_are_over(worker: Service, kafka: str) -> None:
    body = worker.opening(["ward", "clinic"])
    rounds = await worker.open(body)
    rollout_id = body["rollout_id"]

    async def held() -> set[str]:
        listed = (await worker.ask("GET", "/rounds")).json()["items"]
        return {r["unit_id"] for r in listed if r["held_since"] and r["round_id"] in own}

    own = set(rounds.values())
    await publish(kafka, JourneyPaused(rollout_id=rollout_id, unit_id="ward"))
    await eventually(lambda: holds(held, {"ward"}), within=60)
    await publish(kafka, RolloutPaused(rollout_id=rollout_id))
    await eventually(lambda: holds(held, {"ward", "clinic"}), within=60)
    await publish(kafka, RolloutResumed(rollout_id=rollout_id))
    await eventually(lambda: holds(held, {"ward"}), within=60)
    await publish(kafka, JourneyResumed(rollout_id=rollout_id, unit_id="ward"))
    await eventually(lambda: holds(held, set()), within=60)
    moved = [e["unit_id"] for kind, e in await worker.events() if kind.endswith("extended.v1")]
    assert sorted(moved) == ["clinic", "ward"]


async def holds(held: Callable[[], Awaitable[set[str]]], units: set[str]) -> bool:
    return await held() == units


async def test_a_whole_release_reaches_kafka(worker: Service, kafka: str) -> None:
    body = worker.opening(["ward", "clinic"])
    rounds = await worker.open(body)
    await worker.fill(rounds, {"ward": 9, "clinic": 8})
    for round_id in rounds.values():
        await worker.close(round_id)

    topics = ["assessment.round", "assessment.results", "external.results"]
    seen: list[Event] = []
    async with (
        AIOKafkaConsumer(
            *topics, bootstrap_servers=kafka, auto_offset_reset="earliest"
        ) as consumer,
        asyncio.timeout(60),
    ):
        while len(seen) < 9:
            record = await consumer.getone()
            event = Message.from_record(record.headers, record.value).decode(EVENTS)
            if (
                set(rounds.values()) & {record.key.decode()}
                or record.key.decode() == body["rollout_id"]
            ):
                seen.append(event)
    names = [event.TYPE.removesuffix(".v1") for event in seen]
    assert sorted(names) == [
        *["assessment.results.released"] * 2,
        *["assessment.round.anonymised"] * 2,
        *["assessment.round.closed"] * 2,
        *["assessment.round.opened"] * 2,
        "external.results.released",
    ]
    for round_id in rounds.values():
        own = [event.TYPE for event in seen if event.key == round_id and ".round." in event.TYPE]
        assert [name.split(".")[2] for name in own] == ["opened", "closed", "anonymised"]
