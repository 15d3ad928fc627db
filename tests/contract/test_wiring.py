"""Every event has a producer; every group names known types in a group of its own."""

import re
from pathlib import Path

import pytest

from contracts.registry import EVENTS, TOPICS, owner_of
from generators.openapi import app_of
from generators.settings import SERVICES
from servicekit.consumer import Consumer
from servicekit.consumer_group import ConsumerGroup
from servicekit.runtime import Every

ROOT = Path(__file__).parents[2]


def consumer_groups(service: str) -> list[ConsumerGroup]:
    parts = app_of(service).components(["worker"])
    consumers = [part for part in parts if isinstance(part, Consumer)]
    return [found for consumer in consumers for found in consumer.groups]


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_produced_by_its_owner(name: str) -> None:
    event = EVENTS[name]
    folder = ROOT / "services" / owner_of(event) / "src"
    adapters = "\n".join(path.read_text() for path in folder.glob("*/adapters/**/*.py"))
    assert re.search(rf"\b{event.__name__}\b", adapters), f"nothing produces {name}"


@pytest.mark.parametrize("service", SERVICES)
def test_subscriptions_name_known_events_in_groups_of_the_service(service: str) -> None:
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


def test_groups_are_unique() -> None:
    groups = [found.group for service in SERVICES for found in consumer_groups(service)]
    assert len(groups) == len(set(groups))
    assert len(groups) >= 5
