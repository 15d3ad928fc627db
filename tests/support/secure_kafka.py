"""A Kafka broker where every service logs in with its account, over TLS: the local stack's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack.ports import choose_ports
from devstack.processes import end, spawn
from devstack.servers.kafka import Ports, server
from servicekit.settings import Kafka
from support.eventually import eventually

_CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"
_PORTS = ("kafka", "kafka-accounts", "kafka-controller")


@dataclass(frozen=True)
class SecureKafka:
    """A broker, and how an administrator and accounts reach it."""

    admin: Kafka
    address: str
    ca: Path
    folder: Path

    def as_account(self, name: str, password: str) -> Kafka:
        return Kafka(
            bootstrap_servers=self.address,
            session_timeout_ms=3_000,
            request_timeout_ms=10_000,
            security_protocol="SASL_SSL",
            ssl_ca_file=self.ca,
            sasl_username=name,
            sasl_password=password,
        )


@asynccontextmanager
async def secure_kafka(folder: Path) -> AsyncIterator[SecureKafka]:
    """The broker, ready, with its files below `folder`."""
    ports = choose_ports(_PORTS, folder / "ports")
    made = server(folder, Ports(*(ports[name] for name in _PORTS)), _CLUSTER_ID, lambda _: None)
    assert made.spec
    assert made.spec.before
    assert made.spec.probe
    await asyncio.to_thread(made.spec.before)
    process = await spawn(made.spec, folder, folder / "kafka.log")
    try:
        await eventually(made.spec.probe, within=90)
        admin = Kafka(bootstrap_servers=made.env["KAFKA_BOOTSTRAP_SERVERS"])
        ca = Path(made.env["KAFKA_ACCOUNTS_CA_FILE"])
        yield SecureKafka(admin, made.env["KAFKA_ACCOUNTS_SERVERS"], ca, folder)
    finally:
        await end(process, made.spec)
