"""Passwords and certificates of Kafka change while events flow: none is lost, none comes twice."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError

from contracts.registry import TOPICS, Topic
from integration.servicekit.flow import wait_for_effects
from servicekit.certificates import issue
from servicekit.consumer import Consumer
from servicekit.kafka import ensure_topics
from servicekit.kafka_access import apply, password_variable
from servicekit.kafka_accounts import accounts, entry_of
from servicekit.kafka_certificate import reload_certificate
from servicekit.kafka_rights import SERVICES, Right
from servicekit.relay import Relay
from servicekit.settings import Kafka
from support.apps import SampleUnitOfWork, counter_bumped, running, subscribe, unique, write_effect
from support.eventually import eventually
from support.secure_kafka import SecureKafka, secure_kafka

PASSWORDS = {password_variable(service): f"sample-{service}" for service in SERVICES}


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecureKafka]:
    async with secure_kafka(tmp_path_factory.mktemp("kafka-rotation")) as kafka:
        await ensure_topics(kafka.admin, TOPICS.values())
        await apply(kafka.admin, PASSWORDS)
        async with accounts(kafka.admin) as cluster:
            await cluster.set_password("sample", "first")
            rights = (
                Right("sample", "topic", "sample", "read", prefixed=True),
                Right("sample", "topic", "sample", "write", prefixed=True),
                Right("sample", "topic", "sample", "create", prefixed=True),
                Right("sample", "group", "sample", "read", prefixed=True),
            )
            await cluster.add(map(entry_of, rights))
        yield kafka


@asynccontextmanager
async def under_load(broker: SecureKafka, engine, database) -> AsyncIterator[Kafka]:
    """Events flow during the block; after it every one has had its effect once."""
    kafka = broker.as_account("sample", "first")
    async with accounts(broker.admin) as cluster:
        await cluster.set_password("sample", "first")
    event = counter_bumped(unique("sample"))
    await ensure_topics(broker.admin, [Topic(event.TOPIC, "sample", "internal", 3)])
    group = subscribe(unique("sample.g"), event, write_effect)
    consumer = Consumer(kafka, lambda: SampleUnitOfWork(engine, event), [group])
    relay = Relay(database.dsn.get_secret_value(), kafka)
    written, enough = 0, asyncio.Event()

    async def write() -> None:
        nonlocal written
        while not enough.is_set():
            async with SampleUnitOfWork(engine, event) as uow:
                written = await uow.bump("a")
            await asyncio.sleep(0.01)

    async with running(consumer), running(relay):
        writing = asyncio.create_task(write())
        try:
            await wait_for_effects(engine, 50)
            yield kafka
            await wait_for_effects(engine, written + 50)
        finally:
            enough.set()
            await writing
        found = await wait_for_effects(engine, written)
    assert found == [("a", version) for version in range(1, written + 1)]


async def test_a_password_changes_under_load(broker: SecureKafka, engine, database):
    async with under_load(broker, engine, database) as kafka:
        async with accounts(broker.admin) as cluster:
            await cluster.set_password("sample", "second")
        with pytest.raises(KafkaConnectionError):
            await ensure_topics(kafka, [])
        await ensure_topics(broker.as_account("sample", "second"), [])


async def presented(broker: SecureKafka) -> str:
    """The digest of the certificate that a new connection gets."""
    host, _, port = broker.address.partition(":")
    context = ssl.create_default_context(cafile=str(broker.ca))
    _, writer = await asyncio.open_connection(host, int(port), ssl=context)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    return hashlib.sha256(shown).hexdigest()


async def test_a_certificate_is_renewed_under_load(broker: SecureKafka, engine, database):
    before = await presented(broker)
    async with under_load(broker, engine, database) as kafka:
        renewed = issue(broker.folder, "broker")
        assert await presented(broker) == before
        assert await reload_certificate(broker.admin, "ACCOUNTS", str(renewed.keystore)) == ["1"]

        async def another() -> bool:
            return await presented(broker) != before

        await eventually(another)
        await ensure_topics(kafka, [])


async def test_a_certificate_that_does_not_fit_is_refused(broker: SecureKafka):
    before = await presented(broker)
    broken = broker.folder / "broken.pem"
    broken.write_text("no certificate")
    with pytest.raises(KafkaError, match="broker 1: "):
        await reload_certificate(broker.admin, "ACCOUNTS", str(broken))
    assert await presented(broker) == before
