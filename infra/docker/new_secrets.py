"""Print a set of fresh random secrets for docker-compose.yml, as KEY=VALUE lines.

    (set -C; umask 077; python3 infra/docker/new_secrets.py > infra/docker/.env)

Keep the file: the databases remember these passwords from their first start, and what was stored
with these keys can be read with them only. `set -C` lets no shell overwrite one that is there.
"""

import base64
import json
import secrets
import uuid

SERVICES = ("ASSESSMENT", "CONTENT", "NOTIFICATION", "PEOPLE", "WORKFLOW")
ROLE = ("API", "WORKER")
ROLES = {"PORTAL": ("WEB",), "WORKFLOW": ("API", "WORKER", "TEMPORAL")}
LISTS_OF_KEYS = (
    "NOTIFICATION_WEBHOOK__SIGNING_KEYS",
    "PORTAL_SESSIONS__KEYS",
    "WORKFLOW_TEMPORAL__PAYLOAD_KEYS",
)
CLIENTS = ("ASSESSMENT", "CONTENT", "NOTIFICATION", "WORKFLOW")


def new_secrets() -> dict[str, str]:
    """Name > secret, for every variable that docker-compose.yml requires."""
    owners = (*SERVICES, "PORTAL")
    roles = [f"{owner}_{role}" for owner in owners for role in ("OWNER", *ROLES.get(owner, ROLE))]
    passwords = [*roles, "POSTGRES", "TEMPORAL"]
    return {
        **{f"{name}_PASSWORD": secrets.token_urlsafe(24) for name in passwords},
        **{f"{name}_KAFKA_PASSWORD": secrets.token_urlsafe(24) for name in owners},
        **{f"{name}_CLIENT_SECRET": secrets.token_urlsafe(24) for name in CLIENTS},
        **{f"{name}_AUDIT__SIGNING_KEYS": _one_key() for name in SERVICES},
        **{name: _one_key() for name in LISTS_OF_KEYS},
        "KAFKA_CLUSTER_ID": base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="),
    }


def _one_key() -> str:
    """A JSON list, in quotes for Compose and for a shell; a rotation puts others into it."""
    return f"'{json.dumps([base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()])}'"


if __name__ == "__main__":
    for name, value in new_secrets().items():
        print(f"{name}={value}")
