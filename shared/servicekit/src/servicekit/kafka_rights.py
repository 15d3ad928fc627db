"""The one matrix of who may do what on Kafka, made from the contracts.

Kafka allows nothing that is not here. Nobody may alter a topic, create one of the contracts', or
use transactions; that is for the administrator's account, which is not in the matrix.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from contracts.readers import GROUPS, PORTAL_READS
from contracts.registry import TOPICS
from servicekit.kafka import own_topics

Kind = Literal["topic", "group"]
Operation = Literal["read", "write", "create", "delete"]
SERVICES = (*sorted({topic.owner for topic in TOPICS.values()}), "portal")
SUBSCRIBER_LIMITS = {"consumer_byte_rate": 2 * 1024**2, "request_percentage": 25}
"""Of another system's account, at each broker: bytes per second, and percent of one thread's time.
Whoever asks for more has to wait; the services, which have no limits, do not notice."""
SUBSCRIBER = re.compile(r"[a-z][a-z0-9-]{1,40}")


@dataclass(frozen=True, order=True)
class Right:
    """One line of the matrix. Whoever may read, write or delete may also describe.

    `prefixed`: every resource whose name begins so.
    """

    account: str
    kind: Kind
    name: str
    operation: Operation
    prefixed: bool = False


def rights_of(service: str) -> frozenset[Right]:
    """What a service's account may do."""
    return frozenset(
        Right(service, kind, name, operation) for kind, name, operation in _of(service)
    )


def _of(service: str) -> Iterator[tuple[Kind, str, Operation]]:
    if service == "portal":
        yield from (("topic", name, "read") for name in PORTAL_READS)
        return
    yield from (("topic", one.name, "write") for one in TOPICS.values() if one.owner == service)
    yield "topic", f"{service}.audit", "read"  # `audit verify` compares its signed ends
    for group, topics in GROUPS.items():
        if not group.startswith(f"{service}."):
            continue
        yield "group", group, "read"
        yield "group", f"{group}.dlq.redrive", "read"
        yield from (("topic", name, "read") for name in topics)
        for own in own_topics(group):
            for operation in ("read", "write", "create"):
                yield "topic", own.name, operation
        yield "topic", f"{group}.dlq", "delete"  # of its records, once they are handled


def rights_of_subscriber(name: str) -> frozenset[Right]:
    """What another system's account `subscriber-<name>` may do.

    Raises ValueError for a name that is none.
    """
    if not SUBSCRIBER.fullmatch(name):
        raise ValueError(
            f"{name!r}: a name has 2 to 41 of a-z, 0-9 and -, and begins with a letter"
        )
    account = account_of_subscriber(name)
    topics = [topic.name for topic in TOPICS.values() if topic.audience == "external"]
    return frozenset(
        {
            *(Right(account, "topic", topic, "read") for topic in topics),
            Right(account, "group", f"{account}.", "read", prefixed=True),
        }
    )


def account_of_subscriber(name: str) -> str:
    """The account's name. No service has one that begins so."""
    return f"subscriber-{name}"


MATRIX = frozenset().union(*(rights_of(service) for service in SERVICES))
