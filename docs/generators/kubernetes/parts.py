"""What several manifests share: metadata, names and labels."""

from typing import Any

from devstack.options import ROLES

Manifest = dict[str, Any]
PORT = 8000
KAFKA = "um-kafka"
KAFKA_PORT = 9093
TEMPORAL = "temporal-frontend"
TEMPORAL_PORT = 7233


def manifest(api: str, kind: str, name: str, labels: dict[str, str], **body: Any) -> Manifest:
    """A manifest with metadata; `body` has the rest, such as `spec`."""
    metadata: Manifest = {"name": name, **({"labels": labels} if labels else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **body}


def of(service: str) -> dict[str, str]:
    """The label of everything of a service."""
    return {"app.kubernetes.io/name": service}


def of_process(service: str, role: str) -> dict[str, str]:
    """The labels of one process; they select its pods."""
    return {**of(service), "app.kubernetes.io/component": role}


def listens(service: str) -> str:
    """The role that answers people and programs: the first one."""
    return ROLES[service][0]


def database(service: str) -> str:
    """The name of a service's PostgreSQL cluster."""
    return f"{service}-db"
