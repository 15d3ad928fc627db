"""Every event type and topic, with the one service that may produce it."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from contracts import assessment, content, notification, people, workflow
from contracts.envelope import Event

_MODULES = {
    "assessment": assessment,
    "content": content,
    "notification": notification,
    "people": people,
    "workflow": workflow,
}


@dataclass(frozen=True)
class Topic:
    """A Kafka topic: all facts of one kind of aggregate, written by its owner only."""

    name: str
    owner: str
    audience: Literal["internal", "external"]
    partitions: int = 6
    retention_days: int = 30

    @property
    def source(self) -> str:
        """The `ce_source` of every event in it."""
        return f"/um-platform/{self.owner}"


def _events() -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for module in _MODULES.values():
        for member in vars(module).values():
            if isinstance(member, type) and issubclass(member, Event) and member is not Event:
                found[member.TYPE] = member
    return dict(sorted(found.items()))


EVENTS = MappingProxyType(_events())


def owner_of(event: type[Event]) -> str:
    """The service that produces this event: the one whose contract module defines it."""
    return event.__module__.split(".")[1]


def _topics() -> dict[str, Topic]:
    topics: dict[str, Topic] = {}
    for event in EVENTS.values():
        external = event.TOPIC.startswith("external.")
        topics[event.TOPIC] = Topic(
            name=event.TOPIC,
            owner=owner_of(event),
            audience="external" if external else "internal",
            retention_days=365 if external or event.TOPIC.endswith(".audit") else 30,
        )
    return topics


TOPICS = MappingProxyType(_topics())
