"""The relay starts over after every kind of error that a lost connection can cause."""

import asyncio
import logging

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError

from servicekit import relay
from servicekit.relay import Relay
from servicekit.settings import Kafka


@pytest.mark.parametrize(
    "failure",
    [
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("another operation is in progress"),
        ConnectionResetError(),
        TimeoutError(),
        KafkaConnectionError(),
    ],
)
async def test_a_lost_connection_ends_the_session_and_not_the_relay(
    failure: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, sessions = asyncio.Event(), 0

    async def session(self: Relay, stop: asyncio.Event) -> None:
        nonlocal sessions
        sessions += 1
        if sessions == 1:
            raise failure
        stop.set()

    monkeypatch.setattr(Relay, "_session", session)
    monkeypatch.setattr(relay, "_RETRY_SECONDS", 0)
    with caplog.at_level(logging.WARNING):
        await Relay("postgresql://", Kafka(bootstrap_servers="unused:9092")).run(stop)
    assert sessions == 2
    assert f"starts over after {type(failure).__name__}" in caplog.text
