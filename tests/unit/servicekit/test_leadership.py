"""Who has no fresh proof of leadership sends nothing, also not what was buffered before."""

from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from aiokafka.conn import CloseReason
from aiokafka.protocol.produce import ProduceRequest

from servicekit.leadership import ConnectionLost, Leadership, LeadershipLost


@pytest.fixture
def connection() -> Any:
    return AsyncMock()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock: set its only element."""
    now = [100.0]
    monkeypatch.setattr("servicekit.leadership.time.clock_gettime", lambda clock: now[0])
    return now


async def test_the_producer_of_a_leader_that_slept_sends_nothing(connection, at):
    sent = AsyncMock()
    producer = Mock()
    producer.client.send = sent
    leader = Leadership(connection)
    leader.fence(producer)
    produce = Mock(spec=ProduceRequest)
    with pytest.raises(LeadershipLost):
        await producer.client.send(1, produce)
    await leader.try_lead()
    await producer.client.send(1, produce)
    at[0] += 4.5
    with pytest.raises(LeadershipLost):
        await producer.client.send(1, produce)
    await leader.execute("delete from outbox_pending")
    await producer.client.send(1, produce)
    assert sent.await_count == 2


async def test_a_producer_whose_connection_broke_sends_nothing_more(connection, at):
    sent, noted = AsyncMock(), Mock()
    producer = Mock()
    producer.client.send, producer.client._on_connection_closed = sent, noted
    leader = Leadership(connection)
    leader.fence(producer)
    await leader.try_lead()
    producer.client._on_connection_closed("one of two", CloseReason.IDLE_DROP)
    await producer.client.send(1, Mock(spec=ProduceRequest))
    producer.client._on_connection_closed("the other", CloseReason.CONNECTION_BROKEN)
    with pytest.raises(ConnectionLost):
        await producer.client.send(1, Mock(spec=ProduceRequest))
    assert (sent.await_count, noted.call_count) == (1, 2)


async def test_a_proof_is_as_old_as_its_question(connection, at):
    async def slow(*arguments: Any, **how: Any) -> bool:
        at[0] += 4.5
        return True

    connection.fetchval = slow
    leader = Leadership(connection)
    await leader.try_lead()
    with pytest.raises(LeadershipLost):
        leader.check()
