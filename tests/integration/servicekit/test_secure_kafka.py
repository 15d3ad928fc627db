"""Every client of Kafka uses TLS and logs in, if the settings say so."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from integration.servicekit.flow import wait_for_effects
from servicekit.consumer import Consumer
from servicekit.kafka import connection, end, ensure_topics
from servicekit.kafka_accounts import accounts
from servicekit.settings import Kafka
from support.apps import SampleUnitOfWork, running, subscribe, unique
from support.eventually import eventually
from support.secure_kafka import secure_kafka

PASSWORD = "sample-password"


@pytest.fixture(scope="module")
async def kafka_settings(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kafka]:
    """In place of the plain broker's, for all fixtures of this module's tests."""
    async with secure_kafka(tmp_path_factory.mktemp("secure-kafka")) as broker:
        async with accounts(broker.admin) as cluster:
            await cluster.set_password("admin", PASSWORD)
        yield broker.as_account("admin", PASSWORD)


async def test_an_event_goes_all_the_way(engine, event, flow, relay):
    async with running(flow()), running(relay):
        async with SampleUnitOfWork(engine, event) as uow:
            await uow.bump("a")
        assert await wait_for_effects(engine, 1) == [("a", 1)]


async def test_a_worker_leaves_all_its_groups_before_it_ends(engine, event, kafka_settings):
    """Else their records wait until Kafka misses it; and it ends well within its time."""
    groups = [subscribe(unique("sample.g"), event) for _ in range(3)]
    consumer = Consumer(kafka_settings, lambda: SampleUnitOfWork(engine, event), groups)

    async def all_joined() -> bool:
        return all(one.reader and one.reader.assignment() for one in consumer.progress)

    async with running(consumer, within=5):
        await eventually(all_joined, within=20)
        assert [await members_of(kafka_settings, group.name) for group in groups] == [1, 1, 1]
    assert [await members_of(kafka_settings, group.name) for group in groups] == [0, 0, 0]


async def members_of(kafka: Kafka, group: str) -> int:
    """How many consumers Kafka counts in a group."""
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        [answer] = await admin.describe_consumer_groups([group])
    finally:
        await end(admin.close())
    return len(answer.groups[0][5])


@pytest.mark.parametrize(
    "wrong",
    [
        {"sasl_password": "another"},
        {"ssl_ca_file": None},
        {"security_protocol": "SASL_PLAINTEXT", "ssl_ca_file": None},
        {"security_protocol": "SSL", "sasl_username": None, "sasl_password": None},
    ],
    ids=["password", "authority", "no TLS", "no login"],
)
async def test_nobody_else_gets_in(kafka_settings: Kafka, wrong):
    known = kafka_settings.model_dump() | {"sasl_password": PASSWORD}
    async with asyncio.timeout(30):
        with pytest.raises(KafkaConnectionError):
            await ensure_topics(Kafka(**{**known, **wrong}), [])


@pytest.mark.parametrize("command", [["servicekit.dead_letters", "list"], ["servicekit.topics"]])
async def test_an_operator_logs_in_by_the_environment(kafka_settings: Kafka, command):
    assert kafka_settings.sasl_username is not None
    secure = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka_settings.bootstrap_servers,
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SSL_CA_FILE": str(kafka_settings.ssl_ca_file),
        "KAFKA_SASL_USERNAME": kafka_settings.sasl_username,
        "KAFKA_SASL_PASSWORD": PASSWORD,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command),
        env={**os.environ, **secure},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, output.decode()
