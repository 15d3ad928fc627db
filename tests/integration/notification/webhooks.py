"""Subscribing, publishing and looking up deliveries, as the tests of webhooks do."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg

from integration.notification.receiver import Receiver
from integration.notification.service import Service
from notification_service.application.commands import Broadcast
from notification_service.application.subscription_handlers import broadcast

WAVE = "external.wave.started.v1"
QUICK = {"retry_seconds": [0.1, 0.1, 0.1], "deadline_seconds": 1.0, "timeout_seconds": 0.5}


async def subscribe(service: Service, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    body = {"url": receiver.url, "event_types": ["external.*"], **changes}
    answer = await service.ask("POST", "/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def publish(service: Service, count: int = 1) -> None:
    async with service.app.uow() as uow:
        for number in range(count):
            data = b'{"wave": %d}' % number
            command = Broadcast(uuid4(), WAVE, datetime.now(UTC), data)
            await broadcast(command, uow)


async def deliveries(service: Service, **query: Any) -> list[dict[str, Any]]:
    answer = await service.ask("GET", "/deliveries", params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def subscription(service: Service, subscription_id: str) -> dict[str, Any]:
    listed = (await service.ask("GET", "/subscriptions")).json()["items"]
    return next(s for s in listed if s["subscription_id"] == subscription_id)


async def recorded(service: Service, event_type: str) -> int:
    connection = await asyncpg.connect(service.settings.db.dsn.get_secret_value())
    try:
        count: int = await connection.fetchval(
            "select count(*) from outbox where type = $1", event_type
        )
        return count
    finally:
        await connection.close()
