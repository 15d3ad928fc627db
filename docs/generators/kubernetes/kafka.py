"""Strimzi's resources for topics and accounts, from the contracts and the matrix of rights."""

from collections.abc import Collection
from itertools import groupby

from contracts.readers import GROUPS
from contracts.registry import TOPICS, Topic
from generators.kubernetes.parts import KAFKA, Manifest, manifest, of
from servicekit.kafka import configuration, own_topics
from servicekit.kafka_rights import (
    SERVICES,
    SUBSCRIBER_LIMITS,
    Right,
    account_of_subscriber,
    rights_of,
    rights_of_subscriber,
)

OF_THE_CLUSTER = {"strimzi.io/cluster": KAFKA}
QUOTAS = {"consumer_byte_rate": "consumerByteRate", "request_percentage": "requestPercentage"}
OPERATIONS = {
    "read": ("Read", "Describe"),
    "write": ("Write", "Describe"),
    "create": ("Create",),
    "delete": ("Delete", "Describe"),
}


def topics() -> list[Manifest]:
    """Every topic of the contracts, and those of the consumer groups."""
    groups = [topic for group in sorted(GROUPS) for topic in own_topics(group)]
    return [_topic(topic) for topic in (*TOPICS.values(), *groups)]


def accounts() -> list[Manifest]:
    """One account per service, with its lines of the matrix."""
    return [
        _account(service, {**OF_THE_CLUSTER, **of(service)}, rights_of(service))
        for service in SERVICES
    ]


def subscriber(name: str) -> Manifest:
    """Another system's account, with its limits."""
    limits = {QUOTAS[limit]: value for limit, value in SUBSCRIBER_LIMITS.items()}
    rights = rights_of_subscriber(name)
    account = _account(account_of_subscriber(name), OF_THE_CLUSTER, rights)
    account["spec"]["quotas"] = limits
    return account


def _account(name: str, labels: dict[str, str], rights: Collection[Right]) -> Manifest:
    spec = {
        "authentication": {"type": "scram-sha-512"},
        "authorization": {"type": "simple", "acls": _acls(rights)},
    }
    return manifest("kafka.strimzi.io/v1", "KafkaUser", name, labels, spec=spec)


def _acls(rights: Collection[Right]) -> list[Manifest]:
    """One rule for each resource, with the operations that Kafka knows."""
    return [
        {
            "resource": {
                "type": kind,
                "name": name,
                "patternType": "prefix" if prefixed else "literal",
            },
            "operations": sorted({one for right in found for one in OPERATIONS[right.operation]}),
        }
        for (kind, name, prefixed), found in groupby(sorted(rights, key=_resource), _resource)
    ]


def _resource(right: Right) -> tuple[str, str, bool]:
    return right.kind, right.name, right.prefixed


def _topic(topic: Topic) -> Manifest:
    # A record is safe when two of three brokers have it; a third may be away.
    config = {**configuration(topic), "min.insync.replicas": "2"}
    spec = {"partitions": topic.partitions, "replicas": 3, "config": config}
    labels = {**OF_THE_CLUSTER, **of(topic.owner)}
    return manifest("kafka.strimzi.io/v1", "KafkaTopic", topic.name, labels, spec=spec)
