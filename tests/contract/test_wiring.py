"""Every event has a producer; every consumer group belongs to its service and takes known types.

The producers are found by translating a sample of every domain event.
"""

from collections.abc import Sequence
from importlib import import_module

import pytest

from chaos.comparisons import EXTERNAL, GROUPS
from contracts import Event
from contracts.audit import AuditHead
from contracts.readers import GROUPS as GROUPS_IN_CONTRACTS
from contracts.registry import EVENTS, TOPICS, owner_of
from generators.openapi import app_of
from generators.settings import SERVICES
from servicekit.consumer import Consumer
from servicekit.consumer_group import ConsumerGroup
from servicekit.runtime import Every
from support.domain_events import domain_events, sample


def consumer_groups(service: str) -> list[ConsumerGroup]:
    parts = app_of(service).components(["worker"])
    consumers = [part for part in parts if isinstance(part, Consumer)]
    return [one.group for consumer in consumers for one in consumer.progress]


def translated(service: str, event: type) -> Sequence[Event]:
    outbound = import_module(f"{service}_service.adapters.outbound")
    events: Sequence[Event] = outbound.translate(sample(event))
    return events


@pytest.mark.parametrize(
    ("service", "event"),
    [(service, event) for service in SERVICES for event in domain_events(service)],
)
def test_every_domain_event_has_a_translation(service: str, event: type) -> None:
    for each in translated(service, event):
        assert owner_of(type(each)) == service


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_is_produced_by_its_owner(service: str) -> None:
    produced = {type(e) for event in domain_events(service) for e in translated(service, event)}
    ours = {event for event in EVENTS.values() if owner_of(event) == service}
    # Servicekit publishes the heads of the audit trails.
    owned = {event for event in ours if not event.RETIRED and not issubclass(event, AuditHead)}
    assert not owned - produced, "no domain event is translated to these"
    assert not produced - owned, "these are not in the registry"


@pytest.mark.parametrize("service", SERVICES)
def test_consumer_groups_take_known_events_and_are_named_after_their_service(service: str) -> None:
    for group in consumer_groups(service):
        assert group.name.startswith(f"{service}."), group.name
        assert group.handlers, group.name
        for event in group.handlers:
            assert EVENTS[event.TYPE] is event
            assert event.TOPIC in TOPICS


@pytest.mark.parametrize("service", SERVICES)
def test_every_worker_maintains_its_database(service: str) -> None:
    parts = app_of(service).components(["worker"])
    assert [part.name for part in parts if isinstance(part, Every)].count("maintenance") == 1


def test_the_contracts_state_who_reads_what() -> None:
    read = {
        found.name: tuple(found.topics)
        for service in SERVICES
        for found in consumer_groups(service)
    }
    assert read == dict(GROUPS_IN_CONTRACTS)


def test_groups_are_unique() -> None:
    groups = [found.name for service in SERVICES for found in consumer_groups(service)]
    assert len(groups) == len(set(groups))
    assert len(groups) >= 5


def test_the_chaos_runs_count_what_every_group_takes() -> None:
    taken = {
        found.name: {event.TYPE for event in found.handlers}
        for service in SERVICES
        for found in consumer_groups(service)
    }
    taken.pop(EXTERNAL)
    assert {name: set(types) for name, types in GROUPS.items()} == taken
