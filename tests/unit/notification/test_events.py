"""A webhook contains the event's own bytes."""

import json
from uuid import uuid4

from contracts.workflow import ExternalWaveStarted
from notification_service.application import subscription_handlers
from notification_service.application.commands import Subscribe
from notification_service.entrypoints import events
from servicekit.consumer_group import EventMeta
from unit.notification.builders import NOW, RULES
from unit.notification.fake_store import Store
from unit.notification.fakes import FakeUnitOfWork


async def hint(_: object) -> None:
    return


async def test_a_webhook_forwards_the_events_own_bytes() -> None:
    uow = FakeUnitOfWork(Store())
    subscribe = Subscribe("issuer|hr", "https://hr.example.se/events", ("external.*",))
    await subscription_handlers.subscribe(subscribe, uow, RULES)
    published = f'{{"later_field": 1.50,  "wave": 2, "rollout_id": "{uuid4()}", "ö": []}}'.encode()
    event = ExternalWaveStarted.model_validate_json(published)
    meta = EventMeta(uuid4(), event.TYPE, NOW, None, published)
    groups = {group.name: group for group in events.consumer_groups(hint, hint)}
    await groups["notification.webhooks"].handlers[ExternalWaveStarted](event, uow, meta)
    (delivery,) = uow.store.deliveries.values()
    assert delivery.body.encode().endswith(b'"data": ' + published + b"}")
    assert json.loads(delivery.body)["data"]["later_field"] == 1.5
