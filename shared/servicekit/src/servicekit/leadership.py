"""Which relay of a database publishes: the one whose session holds the lock.

PostgreSQL ends a session that is silent for five seconds, and with it the lock. A leader speaks
every second; one that is paused or cut off is therefore replaced soon, and when it wakes up, its
session is gone and its own proof of leadership is too old.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.conn import CloseReason
from aiokafka.errors import KafkaError
from aiokafka.protocol.produce import ProduceRequest

from servicekit import outbox
from servicekit.db import role_beside
from servicekit.metrics import OUTBOX_OLDEST, OUTBOX_PENDING, RELAY_LEADING

log = logging.getLogger(__name__)

_SILENCE_SECONDS = 5  # After this, PostgreSQL ends the session.
_PROOF_SECONDS = 4  # Less: who has no proof of this age may not send.
_BEAT_SECONDS = 1
_ANSWER_SECONDS = 3
_STATEMENT_SECONDS = 30

_LEAD = "select pg_try_advisory_lock(hashtext('outbox-relay'))"
# How long PostgreSQL keeps a session whose client has vanished. Its own default is hours.
_SESSION = {
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "6000",
    "statement_timeout": str(_STATEMENT_SECONDS * 1_000),
}
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # runs on while a machine sleeps


class Ended(KafkaError):  # type: ignore[misc]  # the client has no types
    """This producer may send nothing more: all is begun anew."""


class LeadershipLost(Ended):
    """Another relay may lead."""


class ConnectionLost(Ended):
    """A broker may come back empty, and give this producer's id to another."""


class Leadership:
    """The session that holds the lock, or asks for it. What it executes proves that it is there."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._using = asyncio.Lock()
        self._proved_at = float("-inf")
        self._connected = True
        self.leading = False

    async def try_lead(self) -> bool:
        """Whether this session has the lock. A relay that stands by asks again and again."""
        asked_at = time.clock_gettime(_CLOCK)
        if await self._connection.fetchval(_LEAD, timeout=_ANSWER_SECONDS):
            self._proved_at, self.leading = asked_at, True
        return self.leading

    async def execute(self, statement: str, *arguments: object) -> None:
        """Change rows as the leader: in the session that has the lock, or not at all."""
        async with self._using:
            asked_at = time.clock_gettime(_CLOCK)
            await self._connection.execute(statement, *arguments)
            self._proved_at = asked_at

    async def measure(self) -> None:
        """Report how many rows wait and how old the oldest is, whether this relay leads or not."""
        async with self._using:
            asked_at = time.clock_gettime(_CLOCK)
            found = await self._connection.fetchrow(outbox.WAITING, timeout=_ANSWER_SECONDS)
            self._proved_at = asked_at
        OUTBOX_PENDING.set(found["pending"])
        OUTBOX_OLDEST.set(max(found["age"], 0.0))

    async def beat(self) -> None:
        """Prove the leadership every second; raises what ends it."""
        while True:
            await self.measure()
            await asyncio.sleep(_BEAT_SECONDS)

    def check(self) -> None:
        """Raises Ended unless the session was there a moment ago, and Kafka since the start."""
        if not self._connected:
            raise ConnectionLost("a connection to Kafka broke")
        if not self.leading or time.clock_gettime(_CLOCK) - self._proved_at > _PROOF_SECONDS:
            raise LeadershipLost("no proof of leadership")

    def fence(self, producer: AIOKafkaProducer) -> None:
        """Let a producer that is not started yet send only with proof, until a connection breaks.

        Kafka takes a record for a repeat, and acknowledges it without keeping it, if its producer's
        id and number have been used. A broker that has lost everything gives the ids anew.
        """
        send, note = producer.client.send, producer.client._on_connection_closed

        async def fenced(node_id: int, request: object, **how: object) -> object:
            if isinstance(request, ProduceRequest):
                self.check()
            return await send(node_id, request, **how)

        def closed(connection: object, reason: CloseReason) -> None:
            if reason not in (CloseReason.IDLE_DROP, CloseReason.SHUTDOWN):
                self._connected = False
            note(connection, reason)

        producer.client.send, producer.client._on_connection_closed = fenced, closed


async def connect(dsn: str, **settings: str) -> asyncpg.Connection:
    """A session of the relay's role, that PostgreSQL ends soon after its client has vanished."""
    return await asyncpg.connect(
        dsn,
        timeout=5,
        command_timeout=_STATEMENT_SECONDS + 5,
        server_settings={**_SESSION, "role": role_beside(dsn, "relay"), **settings},
    )


@asynccontextmanager
async def candidate(dsn: str) -> AsyncIterator[Leadership]:
    """A session that may lead. The metric shows whether it did, until the end of the block."""
    connection = await connect(dsn, idle_session_timeout=str(_SILENCE_SECONDS * 1_000))
    leadership = Leadership(connection)
    try:
        yield leadership
    finally:
        if leadership.leading:
            log.info("relay is not leading any more")
        RELAY_LEADING.set(0)
        connection.terminate()
