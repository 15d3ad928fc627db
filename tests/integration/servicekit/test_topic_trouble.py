"""One topic's trouble holds up only that topic's rows, and keeps the order of each key.

Seen red for a relay that waits for every row in turn: a missing topic then blocks its service.
"""

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

from contracts.registry import Topic
from integration.servicekit.test_relay_faults import measured, nothing_pending, published
from servicekit.kafka import ensure_topics
from servicekit.metrics import OUTBOX_OLDEST, RELAY_HELD_UP
from support.apps import SampleUnitOfWork, counter_bumped, running, unique
from support.eventually import eventually


async def old_rows_wait() -> bool:
    return bool(OUTBOX_OLDEST._value.get() > 1)


async def bump(engine, event, *notes: str) -> None:
    for note in notes:
        async with SampleUnitOfWork(engine, event) as uow:
            await uow.bump("a", note)


async def all_published(kafka, event, *notes: str) -> bool:
    found = [e["note"] for e in await published(kafka, event)]
    assert list(dict.fromkeys(found)) == list(notes)
    return True


async def is_gone(admin: AIOKafkaAdminClient, topic: str) -> bool:
    return topic not in await admin.list_topics()


async def delete(kafka, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([topic])
        await eventually(lambda: is_gone(admin, topic))
    finally:
        await admin.close()


async def test_rows_for_a_missing_topic_hold_up_no_others(engine, event, relay, kafka_settings):
    missing = counter_bumped(unique("sample"))
    async with running(relay):
        await bump(engine, missing, "1", "2")
        await bump(engine, event, "3", "4")
        await eventually(lambda: all_published(kafka_settings, event, "3", "4"), within=5)
        await eventually(lambda: measured(RELAY_HELD_UP.labels(missing.TOPIC), 1))
        await bump(engine, missing, "5")
        await eventually(old_rows_wait)
        await ensure_topics(kafka_settings, [Topic(missing.TOPIC, "sample", "internal", 3)])
        await eventually(lambda: all_published(kafka_settings, missing, "1", "2", "5"), within=15)
        await eventually(lambda: measured(RELAY_HELD_UP.labels(missing.TOPIC), 0))


async def test_a_topic_that_is_lost_holds_up_no_others_and_loses_no_row(
    engine, event, relay, database, kafka_settings
):
    lost = counter_bumped(unique("sample"))
    topic = Topic(lost.TOPIC, "sample", "internal", 3)
    await ensure_topics(kafka_settings, [topic])
    async with running(relay):
        await bump(engine, lost, "1")
        await eventually(lambda: nothing_pending(database))
        await delete(kafka_settings, lost.TOPIC)
        await bump(engine, lost, "2", "3")
        await bump(engine, event, "4")
        await eventually(lambda: all_published(kafka_settings, event, "4"), within=5)
        await bump(engine, lost, "5")
        await ensure_topics(kafka_settings, [topic])
        await eventually(lambda: all_published(kafka_settings, lost, "2", "3", "5"), within=30)
        await eventually(lambda: nothing_pending(database), within=20)


async def test_a_key_that_commits_late_is_not_overtaken_within_a_pass(
    engine, event, relay, database, monkeypatch
):
    """A pass of many batches sees one state of the table, not a new one for each batch."""
    monkeypatch.setattr("servicekit.relay._BATCH", 2)
    reader = await asyncpg.connect(database.dsn.get_secret_value())
    async with SampleUnitOfWork(engine, event) as late:
        await late.bump("late")
        await late.write_events_now()  # takes the lowest id, and commits after the first batch
        await bump(engine, event, "1", "2", "3")
        batches = relay._batches(reader, [])
        seen = [row["id"] for row in await anext(batches)]
    async with SampleUnitOfWork(engine, event) as again:
        await again.bump("late")
    seen += [row["id"] async for rows in batches for row in rows]
    await reader.close()
    assert len(seen) == 3
