"""The outbox can be published again: in order, and no event takes effect a second time."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from contracts.registry import Topic
from integration.servicekit.flow import wait_for_effects
from integration.servicekit.test_process import SampleProcess, exit_code, sample
from integration.servicekit.test_relay_faults import nothing_pending, published
from integration.servicekit.test_topic_trouble import delete
from servicekit import outbox
from servicekit.kafka import ensure_topics
from servicekit.replay import CannotReplay, Replay, run
from support.apps import SampleUnitOfWork, counter_bumped, running, unique
from support.checker import out_of_order
from support.eventually import eventually

__all__ = ["sample"]  # the fixture
EVENTS, KEYS = 60, 5
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()


@pytest.fixture
async def recorded(engine, event, relay, database) -> datetime:
    """When the first of the published events was recorded."""
    began = datetime.now(UTC)
    async with running(relay):
        for number in range(EVENTS):
            async with SampleUnitOfWork(engine, event) as uow:
                await uow.bump(f"c{number % KEYS}", str(number))
        await eventually(lambda: nothing_pending(database))
    return began


async def all_there(kafka, event) -> bool:
    found = await published(kafka, event)
    assert len({e["note"] for e in found}) == EVENTS, f"{len(found)} of {EVENTS}"
    return True


async def test_a_lost_topic_gets_its_events_again_and_each_takes_effect_once(
    recorded, engine, event, relay, database, flow, kafka_settings, capsys
):
    async with running(flow()):
        await wait_for_effects(engine, EVENTS // 2)
    await delete(kafka_settings, event.TOPIC)
    await ensure_topics(kafka_settings, [Topic(event.TOPIC, "sample", "internal", 3)])
    again = Replay(recorded, (event.TOPIC,), rate=40)
    assert await run(database.dsn.get_secret_value(), again) == EVENTS
    async with running(relay), running(flow(group=flow.group)):
        await eventually(lambda: all_there(kafka_settings, event))
        assert len(await wait_for_effects(engine, EVENTS)) == EVENTS
    found = await published(kafka_settings, event)
    assert len(found) == EVENTS
    assert not out_of_order((e["counter_id"], e["version"]) for e in found)
    said = capsys.readouterr().out
    assert f"{EVENTS}  {event.TOPIC}  {event.TYPE}" in said
    assert f"40 of {EVENTS} put back" in said


async def test_a_preview_changes_nothing(recorded, event, database, capsys):
    dsn = database.dsn.get_secret_value()
    assert await run(dsn, Replay(recorded, dry_run=True)) == 0
    assert await nothing_pending(database)
    assert f"{EVENTS}  events since" in capsys.readouterr().out


async def test_only_what_was_recorded_since_then_on_the_named_topics(
    recorded, engine, event, database
):
    dsn = database.dsn.get_secret_value()
    other, since = counter_bumped(unique("sample")), datetime.now(UTC)
    async with SampleUnitOfWork(engine, other) as uow:
        await uow.bump("a")
    connection = await asyncpg.connect(dsn)
    await connection.execute("delete from outbox_pending")
    with pytest.raises(CannotReplay, match="no events since"):
        await run(dsn, Replay(since, (event.TOPIC,)))
    assert await run(dsn, Replay(since)) == 1
    assert await connection.fetchval("select count(*) from outbox_pending") == 1
    await connection.close()


async def test_what_is_not_kept_any_more_is_refused(recorded, database):
    dsn = database.dsn.get_secret_value()
    assert await run(dsn, Replay(recorded - timedelta(days=29), dry_run=True)) == 0
    with pytest.raises(CannotReplay, match="events are kept from"):
        await run(dsn, Replay(recorded - timedelta(days=32)))


async def test_dead_letters_are_published_again_by_name_only(engine, database):
    dsn, topic = database.dsn.get_secret_value(), "sample.effects.dlq"
    async with engine.begin() as connection:
        await outbox.write_raw(connection, [(uuid4(), "x", topic, "a", b"", {})], "dlq_time")
    since = datetime.now(UTC) - timedelta(days=1)
    assert await run(dsn, Replay(since)) == 0
    assert await run(dsn, Replay(since, (topic,))) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--since", YESTERDAY], 0, f"0  events since {YESTERDAY}T00:00:00+00:00"),
        (["--since", "2020-01-01"], 1, "replay: events are kept from"),
        (["--since", "2999-01-01"], 1, "is in the future"),
        (["--since", "yesterday"], 2, "invalid moment value"),
        ([], 2, "give --since"),
        (["--since", YESTERDAY, "--rate", "0"], 2, "--rate must be at least 1"),
    ],
)
async def test_every_service_has_the_command(arguments, code, said, sample: SampleProcess):
    async with sample.running("replay", *arguments) as process:
        assert await exit_code(process, within=60) == code
    assert said in sample.log.read_text()
