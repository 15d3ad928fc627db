"""Every account x operation x topic and group on a real broker: exactly the matrix."""

import os
import sys
from asyncio.subprocess import PIPE, STDOUT, create_subprocess_exec
from collections.abc import AsyncIterator
from time import monotonic

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import ClusterAuthorizationFailedError, KafkaError

from contracts.readers import GROUPS
from contracts.registry import TOPICS, Topic
from servicekit.kafka import connection, ensure_topics, own_topics
from servicekit.kafka_access import (
    CannotGive,
    add_subscriber,
    apply,
    password_variable,
    remove_subscriber,
)
from servicekit.kafka_accounts import accounts, entry_of
from servicekit.kafka_disposal import AnotherCluster, delete, look
from servicekit.kafka_rights import (
    MATRIX,
    SERVICES,
    SUBSCRIBER_LIMITS,
    Right,
    rights_of,
    rights_of_subscriber,
)
from servicekit.settings import Kafka
from support.eventually import eventually
from support.kafka_probe import Allowed, probe
from support.secure_kafka import SecureKafka, secure_kafka

PASSWORDS = {password_variable(service): f"sample-{service}" for service in SERVICES}
OWN = [topic for group in GROUPS for topic in own_topics(group)]
EVERY_TOPIC = {*TOPICS, *(topic.name for topic in OWN), "foreign.topic"}
EVERY_GROUP = {*GROUPS, *(f"{group}.dlq.redrive" for group in GROUPS), "subscriber-hr.main"}
MEASURED_SECONDS = 11
"""Kafka's `quota.window.num` windows of a second: what nobody used of them may be read at once."""
SURPLUS = Right("content", "topic", "people.person", "write")


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecureKafka]:
    async with secure_kafka(tmp_path_factory.mktemp("kafka-access")) as kafka:
        await ensure_topics(kafka.admin, [*TOPICS.values(), *OWN])
        await apply(kafka.admin, PASSWORDS)
        yield kafka


def expected(rights: frozenset[Right]) -> set[Allowed]:
    """What a probe finds if exactly these rights are there. Kafka lets describe whoever may act."""
    found: set[Allowed] = set()
    for right in rights:
        names = EVERY_GROUP if right.kind == "group" else EVERY_TOPIC
        matching = [
            name
            for name in names
            if name == right.name or (right.prefixed and name.startswith(right.name))
        ]
        for name in matching:
            found.add((right.kind, name, right.operation))
            if right.kind == "topic" and right.operation != "create":
                found.add((right.kind, name, "describe"))
    return found


async def difference(broker: SecureKafka, service: str) -> set[Allowed]:
    """Where the broker and the matrix differ."""
    account = broker.as_account(service, PASSWORDS[password_variable(service)])
    async with probe(account) as found:
        return await found.allowed(EVERY_TOPIC, EVERY_GROUP) ^ expected(rights_of(service))


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_may_do_exactly_what_the_matrix_says(broker: SecureKafka, service: str):
    assert await difference(broker, service) == set()


async def test_another_system_reads_external_topics_in_groups_of_its_own(broker: SecureKafka):
    password = await add_subscriber(broker.admin, "hr")
    async with probe(broker.as_account("subscriber-hr", password)) as found:
        allowed = await found.allowed(EVERY_TOPIC, EVERY_GROUP)
    external = {topic for topic in TOPICS if topic.startswith("external.")}
    assert allowed == {
        ("group", "subscriber-hr.main", "read"),
        *(("topic", topic, "read") for topic in external),
        *(("topic", topic, "describe") for topic in external),
    }
    assert allowed == expected(rights_of_subscriber("hr"))


async def test_one_right_too_many_and_one_too_few_are_found_and_corrected(broker: SecureKafka):
    missing = Right("content", "topic", "workflow.unit", "read")
    assert missing in MATRIX
    async with accounts(broker.admin) as cluster:
        await cluster.add([entry_of(SURPLUS)])
        await cluster.take_away([entry_of(missing)])
    assert await difference(broker, "content") == {
        ("topic", "people.person", "write"),
        ("topic", "workflow.unit", "read"),
        ("topic", "workflow.unit", "describe"),
    }
    assert "rights: 1 added, 1 taken away" in await apply(broker.admin, {})
    assert await difference(broker, "content") == set()


async def test_no_service_administers(broker: SecureKafka):
    async with accounts(broker.as_account("people", "sample-people")) as cluster:
        with pytest.raises(ClusterAuthorizationFailedError):
            await cluster.add([entry_of(SURPLUS)])
        with pytest.raises(ClusterAuthorizationFailedError):
            await cluster.entries()
        with pytest.raises(ClusterAuthorizationFailedError):
            await cluster.set_password("people", "another")
        with pytest.raises(ClusterAuthorizationFailedError):
            await cluster.known()


async def test_nobody_uses_transactions(broker: SecureKafka):
    for service in SERVICES:
        account = broker.as_account(service, PASSWORDS[password_variable(service)])
        async with probe(account) as found:
            refused = await found.use_transactions(f"{service}.relay")
            assert refused == "TransactionalIdAuthorizationFailed"


async def test_making_everything_again_changes_nothing(broker: SecureKafka):
    again = await apply(broker.admin, PASSWORDS)
    assert again[1] == "rights: 0 added, 0 taken away"
    assert await difference(broker, "portal") == set()


async def test_rights_of_an_account_outside_the_matrix_are_reported(broker: SecureKafka):
    stranger = entry_of(Right("forgotten", "topic", "people.person", "read"))
    async with accounts(broker.admin) as cluster:
        await cluster.add([stranger])
        said = await apply(broker.admin, {})
        await cluster.take_away([stranger])
    assert said[2:] == ["WARNING: forgotten has rights and is not in the matrix"]


async def read_again_and_again(account: Kafka, topic: str, seconds: float) -> tuple[int, float]:
    """Bytes that somebody gets who begins again at once whenever all has been read; seconds."""
    partition, read, began = TopicPartition(topic, 0), 0, monotonic()
    consumer = AIOKafkaConsumer(**connection(account), fetch_max_wait_ms=10)
    await consumer.start()
    try:
        consumer.assign([partition])
        while monotonic() < began + seconds:
            await consumer.seek_to_beginning(partition)
            found = await consumer.getmany(timeout_ms=round(seconds * 1000))
            read += sum(len(one.value or b"") for records in found.values() for one in records)
    finally:
        await consumer.stop()
    return read, monotonic() - began


async def test_a_subscriber_that_reads_without_pause_has_to_wait(broker: SecureKafka) -> None:
    topic = next(one.name for one in TOPICS.values() if one.audience == "external")
    producer = AIOKafkaProducer(**connection(broker.admin))
    await producer.start()
    for _ in range(20):
        await producer.send(topic, bytes(500_000), partition=0)
    await producer.stop()
    password = await add_subscriber(broker.admin, "greedy")
    account = broker.as_account("subscriber-greedy", password)
    read, seconds = await read_again_and_again(account, topic, 4)
    assert 0 < read < SUBSCRIBER_LIMITS["consumer_byte_rate"] * (seconds + MEASURED_SECONDS)
    await remove_subscriber(broker.admin, "greedy")


async def test_limits_are_given_renewed_and_taken_away(broker: SecureKafka) -> None:
    account = "subscriber-limited"
    await add_subscriber(broker.admin, "limited")
    async with accounts(broker.admin) as cluster:
        assert await cluster.limits(account) == SUBSCRIBER_LIMITS
        await cluster.limit(account, {"consumer_byte_rate": None, "request_percentage": 1})
        await apply(broker.admin, {})
        assert await cluster.limits(account) == SUBSCRIBER_LIMITS
        await remove_subscriber(broker.admin, "limited")
        assert await cluster.limits(account) == {}


async def test_a_removed_subscriber_is_gone(broker: SecureKafka):
    password = await add_subscriber(broker.admin, "leaving")
    with pytest.raises(CannotGive, match="--new-password"):
        await add_subscriber(broker.admin, "leaving")
    await remove_subscriber(broker.admin, "leaving")
    with pytest.raises(KafkaError):
        await ensure_topics(broker.as_account("subscriber-leaving", password), [])
    with pytest.raises(CannotGive, match="no account"):
        await remove_subscriber(broker.admin, "leaving")


@pytest.mark.parametrize("name", ["HR", "h", "hr system", "hr*", "../hr", "ä" * 5])
async def test_a_name_that_is_none_is_refused(broker: SecureKafka, name: str):
    with pytest.raises(ValueError, match="a name has"):
        await add_subscriber(broker.admin, name)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["apply"], "0 added, 0 taken away"),
        (["add-subscriber", "payroll"], "password, shown once: "),
        (["add-subscriber", "payroll"], "kafka access: subscriber-payroll is there"),
        (["remove-subscriber", "payroll"], "removed subscriber-payroll"),
        (["remove-subscriber", "payroll"], "kafka access: there is no account"),
        (["add-subscriber", "Payroll"], "kafka access: 'Payroll': a name has"),
    ],
)
async def test_the_command_says_what_it_does(broker: SecureKafka, command: list[str], said: str):
    environment = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": broker.admin.bootstrap_servers}
    process = await create_subprocess_exec(
        *(sys.executable, "-m", "servicekit.kafka_access", *command),
        env=environment,
        stdout=PIPE,
        stderr=STDOUT,
    )
    output, _ = await process.communicate()
    assert said in output.decode()
    assert "Traceback" not in output.decode()
    assert process.returncode == (1 if said.startswith("kafka access") else 0)


async def test_without_an_account_and_a_password_nothing_is_given(
    tmp_path_factory: pytest.TempPathFactory,
):
    async with secure_kafka(tmp_path_factory.mktemp("no-accounts")) as empty:
        with pytest.raises(CannotGive, match="set PORTAL_KAFKA__SASL_PASSWORD: a new account"):
            await apply(empty.admin, {**PASSWORDS, password_variable("portal"): ""})
        async with accounts(empty.admin) as cluster:
            assert (await cluster.known(), await cluster.entries()) == (set(), set())


async def test_all_that_the_platform_has_is_deleted_on_the_cluster_that_was_named(
    broker: SecureKafka,
):
    """The last of this file: it leaves nothing but what is not the platform's."""
    foreign = Topic("foreign.topic", "foreign", "internal", 1)
    await ensure_topics(broker.admin, [foreign])
    await add_subscriber(broker.admin, "leaving")
    found = await look(broker.admin)
    assert {*TOPICS} <= set(found.topics)
    assert {*SERVICES, "subscriber-leaving"} <= set(found.accounts)
    with pytest.raises(AnotherCluster, match=f"this is the cluster {found.cluster}, not another"):
        await delete(broker.admin, "another")
    assert await look(broker.admin) == found

    assert await delete(broker.admin, found.cluster) == found

    async def gone() -> bool:
        left = await look(broker.admin)
        return (left.topics, left.accounts) == ((), ())

    await eventually(gone, within=30)
    assert await ensure_topics(broker.admin, [foreign]) == [], "another's topic stays"
