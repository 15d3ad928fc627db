"""A webhook contains the event's own bytes; a closed round ends its invitations."""

import json
from datetime import timedelta
from uuid import uuid4

from contracts.assessment import ResultsReleased, RoundClosed, RoundOpened
from contracts.people import DelegationEndApproached
from contracts.workflow import ExternalWaveStarted
from notification_service.application import subscription_handlers
from notification_service.application.commands import Subscribe
from notification_service.entrypoints import events, round_events
from servicekit.consumer_group import EventMeta
from unit.notification.builders import NOW, RULES, person
from unit.notification.fake_store import Store
from unit.notification.fakes import FakeUnitOfWork
from unit.notification.test_rounds import ROUND_RULES


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


async def test_an_invitation_that_waits_ends_when_its_round_is_closed() -> None:
    uow = FakeUnitOfWork(Store(people={"p-0001": person(1)}))
    groups = {group.name: group for group in round_events.consumer_groups(hint, ROUND_RULES)}
    take = groups["notification.round-invitations"].handlers
    about = {"rollout_id": uuid4(), "unit_id": "rehab", "occasion": "baseline"}
    for round_id in (uuid4(), uuid4()):
        opened = RoundOpened(
            round_id=round_id,
            release_id=uuid4(),
            opens_at=NOW,
            closes_at=NOW + timedelta(days=9),
            instrument_id="um",
            instrument_version=1,
            **about,
        )
        meta = EventMeta(uuid4(), opened.TYPE, NOW, None, b"")
        await take[RoundOpened](opened, uow, meta)
    closed = RoundClosed(round_id=round_id, closed_on=NOW.date(), **about)
    await take[RoundClosed](closed, uow, meta)
    assert sorted(m.is_too_late for m in uow.store.messages.values()) == [False, True]
    too_late = next(m for m in uow.store.messages.values() if m.is_too_late)
    assert too_late.facts["round_id"] == str(round_id)


async def test_the_end_of_a_delegation_reaches_both_persons_once() -> None:
    delegation_id = uuid4()
    uow = FakeUnitOfWork(Store(delegations={delegation_id: ["p-0001", "p-0002"]}))
    groups = {group.name: group for group in events.consumer_groups(hint, hint)}
    event = DelegationEndApproached(delegation_id=delegation_id, ends_on=NOW.date())
    for _ in range(2):
        meta = EventMeta(uuid4(), event.TYPE, NOW, None, b"")
        await groups["notification.delegations"].handlers[DelegationEndApproached](event, uow, meta)
    written_to = [(m.template, m.recipient_id) for m in uow.store.messages.values()]
    assert sorted(written_to) == [("delegation_ends", "p-0001"), ("delegation_ends", "p-0002")]


async def test_a_release_reaches_the_units_people_whatever_it_shows() -> None:
    uow = FakeUnitOfWork(Store(people={"p-0001": person(1)}))
    groups = {group.name: group for group in round_events.consumer_groups(hint, ROUND_RULES)}
    take = groups["notification.results"].handlers[ResultsReleased]
    for visibility in ("shown", "hidden"):
        event = ResultsReleased(
            round_id=uuid4(),
            release_id=uuid4(),
            rollout_id=uuid4(),
            unit_id="rehab",
            occasion="baseline",
            visibility=visibility,
            participation_band="75-89",
            behaviours=(),
        )
        await take(event, uow, EventMeta(uuid4(), event.TYPE, NOW, None, b""))
    first, second = uow.store.messages.values()
    assert set(first.facts) == set(second.facts) == {"rollout_id", "unit_id"}
    assert (first.template, second.template) == ("results_released", "results_released")
