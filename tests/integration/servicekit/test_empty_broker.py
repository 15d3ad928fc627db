"""A broker that has lost everything and starts empty: nothing that it acknowledges is missing."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.registry import Topic
from devstack.ports import choose_ports
from devstack.processes import end, spawn
from devstack.servers import kafka
from integration.servicekit.test_relay_faults import nothing_pending, published
from integration.servicekit.test_topic_trouble import bump
from servicekit.kafka import ensure_topics
from servicekit.relay import Relay
from servicekit.settings import Kafka
from support.apps import running
from support.eventually import eventually

_CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"


class Broker:
    """A broker of the test's own."""

    def __init__(self, folder: Path) -> None:
        names = ("kafka", "kafka-accounts", "kafka-controller")
        ports = choose_ports(names, folder / "ports")
        self._folder, self._data = folder, folder / "data"
        listeners = kafka.Ports(*(ports[name] for name in names))
        server = kafka.server(self._data, listeners, _CLUSTER_ID, lambda _: None)
        assert server.spec
        self._spec = server.spec
        self.kafka = Kafka(bootstrap_servers=self._spec.url, request_timeout_ms=10_000)

    async def start(self) -> None:
        assert self._spec.before
        assert self._spec.probe
        self._spec.before()
        self._process = await spawn(self._spec, self._folder, self._folder / "log")
        await eventually(self._spec.probe, within=90)

    async def stop(self) -> None:
        await end(self._process, self._spec)

    async def start_empty(self) -> None:
        self._process.send_signal(9)
        await self.stop()
        shutil.rmtree(self._data)
        await self.start()


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path_factory.mktemp("kafka"))
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture(scope="module")
def kafka_settings(broker: Broker) -> Kafka:
    """In place of the shared broker's, for all fixtures of this module's tests."""
    return broker.kafka


async def leads(relay: Relay) -> bool:
    return relay._lanes is not None


async def test_a_producers_id_is_not_used_after_the_broker_has_forgotten_it(
    engine, event, relay, database, broker
):
    """An empty broker gives ids anew, and takes another producer's record for a repeat.

    Seen red: the second event was acknowledged and is nowhere.
    """
    dsn = database.dsn.get_secret_value()
    async with running(relay):
        await eventually(lambda: leads(relay))
        await broker.start_empty()
        await ensure_topics(broker.kafka, [Topic(event.TOPIC, "sample", "internal", 3)])
        await bump(engine, event, "1")
        await eventually(lambda: nothing_pending(database), within=40)
    async with running(Relay(dsn, broker.kafka)):
        await bump(engine, event, "2")
        await eventually(lambda: nothing_pending(database), within=40)
    assert [e["note"] for e in await published(broker.kafka, event)] == ["1", "2"]
