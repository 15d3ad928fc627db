"""The stack's own random secrets: made once, kept beside the data they protect, mode 0600."""

import base64
import json
import secrets
import uuid

from devstack.files import read_json, write_atomically
from devstack.options import ROLES, SERVICES, Layout

CLIENTS = ("assessment-service", "content-service", "notification-service", "workflow-service")


def load_secrets(layout: Layout) -> dict[str, str]:
    """Return name > secret: passwords, client secrets, Temporal's payload key, and others."""
    known = read_json(layout.secrets)
    fresh = {
        "kafka_cluster_id": _cluster_id(),
        "postgres": secrets.token_urlsafe(24),
        "payload_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "session_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "webhook_signing_key": secrets.token_urlsafe(36),
        **{f"kafka:{service}": secrets.token_urlsafe(24) for service in SERVICES},
        **{f"audit:{service}": secrets.token_urlsafe(36) for service in SERVICES},
        **{f"client:{name}": secrets.token_urlsafe(24) for name in CLIENTS},
        **{
            f"{service}_{role}": secrets.token_urlsafe(24)
            for service in SERVICES
            for role in ("owner", *ROLES[service])
        },
    }
    complete = {**fresh, **known}
    if complete != known:
        write_atomically(layout.secrets, json.dumps(complete, indent=1))
    return complete


def _cluster_id() -> str:
    """16 random bytes in base64. Never with a leading "-": Kafka's tool would read an option."""
    random = uuid.uuid4().bytes
    return base64.urlsafe_b64encode(bytes([random[0] & 0x7F]) + random[1:]).decode().rstrip("=")
