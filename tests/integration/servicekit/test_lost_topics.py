"""Topics that are lost: created again they are read again, and until then it is loud."""

import asyncio
import sys

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupLoadInProgressError
from aiokafka.structs import OffsetAndMetadata

from contracts.registry import Topic
from integration.servicekit.flow import counted, message, send, wait_for_effects
from integration.servicekit.test_topic_trouble import delete
from servicekit.consumer import Consumer
from servicekit.kafka import ensure_topics, group_topics
from servicekit.metrics import CONSUMER_PARTITIONS
from servicekit.partitions import NothingToRead, topics_of_members
from servicekit.patience import CannotCommit, limit_patience
from support.apps import running, unique
from support.eventually import eventually


@pytest.fixture(autouse=True)
def look_often(monkeypatch):
    monkeypatch.setattr(Consumer, "LOOK_SECONDS", 0.5)


async def topics(kafka: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def test_topics_that_are_lost_and_created_again_are_read_again(
    engine, event, flow, producer, kafka, kafka_settings
):
    """Seen red: Kafka's client asks for new metadata every five minutes."""
    async with running(flow()):
        await send(producer, event.TOPIC, message(event, counted(1)))
        await wait_for_effects(engine, 1)
        for lost in (event.TOPIC, f"{flow.group}.retry", f"{flow.group}.dlq"):
            await delete(kafka_settings, lost)
        await eventually(lambda: nobody_reads(flow.group, event.TOPIC), within=20)
        await ensure_topics(kafka_settings, [Topic(event.TOPIC, "sample", "internal", 3)])
        await send(producer, event.TOPIC, message(event, counted(2)))
        assert await eventually(lambda: wait_for_effects(engine, 2), within=30)
        assert {f"{flow.group}.retry", f"{flow.group}.dlq"} <= await topics(kafka)


async def nobody_reads(group: str, topic: str) -> bool:
    return bool(CONSUMER_PARTITIONS.labels(group, topic)._value.get() == 0)


async def test_a_group_without_partitions_is_loud_and_ends_its_process(
    event, flow, kafka_settings, monkeypatch, caplog
):
    monkeypatch.setattr(Consumer, "IDLE_SECONDS", 2.0)
    await delete(kafka_settings, event.TOPIC)
    with pytest.raises(NothingToRead):
        await asyncio.wait_for(flow().run(asyncio.Event()), 30)
    assert f"{flow.group}: nobody has read {event.TOPIC} for" in caplog.text
    assert await nobody_reads(flow.group, event.TOPIC)


async def test_a_member_that_is_spare_stays(
    engine, event, flow, producer, kafka_settings, monkeypatch
):
    """Five workers share three partitions."""
    monkeypatch.setattr(Consumer, "IDLE_SECONDS", 1.0)
    group = unique("sample.g")
    async with (
        running(flow(group=group)),
        running(flow(group=group)),
        running(flow(group=group)),
        running(flow(group=group)),
        running(flow(group=group)),
    ):
        await asyncio.sleep(8)
        assert event.TOPIC in await topics_of_members(kafka_settings, group)
        await send(producer, event.TOPIC, message(event, counted(1)))
        assert await wait_for_effects(engine, 1)


async def test_a_commit_that_never_ends_is_given_up(caplog):
    class Vanished:
        """Its commit tries again without end, as aiokafka does when the topic is gone."""

        async def getmany(self, **how: object) -> None:
            """Nothing."""

        async def commit(self) -> None:
            await asyncio.Event().wait()

    failures: list[BaseException] = []
    consumer = Vanished()
    limit_patience(consumer, "sample.g", 0.05, failures.append)
    with pytest.raises(CannotCommit):
        await consumer.commit()
    assert isinstance(failures[0], CannotCommit)
    assert "sample.g: cannot commit" in caplog.text


async def test_one_command_creates_the_topics_of_the_groups_too(event, kafka):
    name = unique("content.g")
    known = unique("content.g")
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=known, enable_auto_commit=False)
    await consumer.start()
    partition = TopicPartition(event.TOPIC, 0)
    consumer.assign([partition])
    await consumer.commit({partition: OffsetAndMetadata(0, "")})
    await consumer.stop()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "servicekit.topics"),
        *("--bootstrap-servers", kafka, "--group", name),
    )
    assert await process.wait() == 0
    found = await topics(kafka)
    assert {f"{group}.{end}" for group in (name, known) for end in ("dlq", "retry")} <= found


async def test_the_command_waits_for_a_broker_that_reads_its_groups(kafka_settings, monkeypatch):
    """As a broker does when it has just started. Seen red when all of Kafka was deleted."""
    ask, refusals = AIOKafkaAdminClient.list_consumer_groups, [GroupLoadInProgressError()] * 2

    async def loading(admin: AIOKafkaAdminClient) -> object:
        if refusals:
            raise refusals.pop()
        return await ask(admin)

    monkeypatch.setattr(AIOKafkaAdminClient, "list_consumer_groups", loading)
    name = unique("content.g")
    assert f"{name}.dlq" in {topic.name for topic in await group_topics(kafka_settings, [name])}
    assert not refusals
