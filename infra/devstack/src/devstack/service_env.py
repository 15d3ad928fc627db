"""The environment of each service process: the one place that knows the services' settings.

The migration DSN (owner role) is given to `migrate` only; a process gets the role of its own.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from devstack.credentials import CLIENTS
from devstack.options import ROLES, SERVICES

PROCESSES = tuple(f"{service}-{role}" for service in SERVICES for role in ROLES[service])


def service_env(
    service: str,
    role: str,
    port: int,
    servers: Mapping[str, str],
    secrets: Mapping[str, str],
    data: Path,
) -> dict[str, str]:
    """What the process of a role gets that listens on `port`; `data` is the stack's folder."""
    prefix = service.upper()
    env = {**_common(prefix, role, servers), f"{prefix}_HTTP__PORT": str(port)}
    env |= _kafka(service, servers, secrets)
    if service != "portal":  # It has no audit trail of its own.
        env[f"{prefix}_AUDIT__SIGNING_KEYS"] = json.dumps([secrets[f"audit:{service}"]])
    return env | _own(service, servers, secrets, data)


def migration_env(
    service: str, env: Mapping[str, str], servers: Mapping[str, str]
) -> dict[str, str]:
    """What `python -m <service>_service migrate` gets: a process's settings and the owner role."""
    prefix = service.upper()
    return {**env, f"{prefix}_DB__MIGRATION_DSN": servers[f"{prefix}_OWNER_DATABASE_URL"]}


def kafka_passwords(secrets: Mapping[str, str]) -> dict[str, str]:
    """What makes the services' accounts gets: each one's password, named as the service's own."""
    return {
        f"{service.upper()}_KAFKA__SASL_PASSWORD": secrets[f"kafka:{service}"]
        for service in SERVICES
    }


def without_accounts(servers: Mapping[str, str]) -> dict[str, str]:
    """The servers as a process sees them that comes to Kafka as the administrator."""
    return {key: url for key, url in servers.items() if not key.startswith("KAFKA_ACCOUNTS_")}


def _kafka(service: str, servers: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    """With the service's account, where the broker has accounts: one of our own has."""
    prefix = f"{service.upper()}_KAFKA__"
    if "KAFKA_ACCOUNTS_SERVERS" not in servers:
        return {f"{prefix}BOOTSTRAP_SERVERS": servers["KAFKA_BOOTSTRAP_SERVERS"]}
    return {
        f"{prefix}BOOTSTRAP_SERVERS": servers["KAFKA_ACCOUNTS_SERVERS"],
        f"{prefix}SECURITY_PROTOCOL": "SASL_SSL",
        f"{prefix}SSL_CA_FILE": servers["KAFKA_ACCOUNTS_CA_FILE"],
        f"{prefix}SASL_USERNAME": service,
        f"{prefix}SASL_PASSWORD": secrets[f"kafka:{service}"],
    }


def _common(prefix: str, role: str, servers: Mapping[str, str]) -> dict[str, str]:
    env = {
        f"{prefix}_ENVIRONMENT": "local",
        f"{prefix}_DB__DSN": servers[f"{prefix}_{role.upper()}_DATABASE_URL"],
        f"{prefix}_HTTP__HOST": "127.0.0.1",
        f"{prefix}_AUTH__ISSUER": servers["PEOPLE_URL"],
        f"{prefix}_AUTH__AUDIENCE": "um-platform",
    }
    # One machine and a few sample personas stand for a region.
    for limit in ("PER_PERSON", "AT_ONCE", "PER_ADDRESS", "CONNECTIONS"):
        env[f"{prefix}_HTTP__LIMITS__{limit}"] = "1000000"
    if "OTEL_EXPORTER_OTLP_ENDPOINT" in servers:
        env[f"{prefix}_TELEMETRY__OTLP_ENDPOINT"] = servers["OTEL_EXPORTER_OTLP_ENDPOINT"]
    return env


def _own(
    service: str, servers: Mapping[str, str], secrets: Mapping[str, str], data: Path
) -> dict[str, str]:
    if service == "assessment":
        return {
            "ASSESSMENT_ROUND_KEYS__DIRECTORY": _folder(data / "round-keys"),
            "ASSESSMENT_WORKFLOW__URL": servers["WORKFLOW_URL"],
            "ASSESSMENT_PEOPLE__URL": servers["PEOPLE_URL"],
            **_client("assessment", servers, secrets),
        }
    if service == "content":
        return {
            "CONTENT_PEOPLE__URL": servers["PEOPLE_URL"],
            **_client("content", servers, secrets),
        }
    if service == "people":
        return {
            "PEOPLE_SIGN_IN_CODES__PORTAL_URL": servers["PORTAL_URL"],
            "PEOPLE_HTTP__TRUSTED_PROXIES": json.dumps(["127.0.0.1/32"]),  # the portal
            "PEOPLE_TOKENS__KEYS_DIRECTORY": _folder(data / "token-keys"),
            "PEOPLE_PROVIDERS": json.dumps([_provider(servers["ISSUER_URL"])]),
        }
    if service == "notification":
        return {
            "NOTIFICATION_SMTP__HOST": servers["SMTP_HOST"],
            "NOTIFICATION_SMTP__PORT": servers["SMTP_PORT"],
            "NOTIFICATION_SMTP__SENDER": "um-platform@example.se",
            "NOTIFICATION_LINKS__PORTAL_URL": servers["PORTAL_URL"],
            "NOTIFICATION_WEBHOOK__ALLOWED_HOSTS": json.dumps(["127.0.0.1:*"]),
            "NOTIFICATION_WEBHOOK__SIGNING_KEYS": json.dumps([secrets["webhook_signing_key"]]),
            "NOTIFICATION_ASSESSMENT__URL": servers["ASSESSMENT_URL"],
            "NOTIFICATION_PEOPLE__URL": servers["PEOPLE_URL"],
            **_client("notification", servers, secrets),
        }
    if service == "portal":
        peers = ("assessment", "content", "notification", "people", "workflow")
        pages = {
            "TEMPORAL_UI_URL": "TEMPORAL_UI_URL",
            "TRACES_URL": "ZIPKIN_URL",
            "PROMETHEUS_URL": "PROMETHEUS_URL",
        }
        return {
            **{f"PORTAL_{name}": url for name, of in pages.items() if (url := servers.get(of))},
            "PORTAL_PUBLIC_URL": servers["PORTAL_URL"],
            "PORTAL_SIGN_IN__ISSUER": servers["ISSUER_URL"],
            "PORTAL_SESSIONS__KEYS": json.dumps([secrets["session_key"]]),
            **{f"PORTAL_{peer.upper()}__URL": servers[f"{peer.upper()}_URL"] for peer in peers},
        }
    if service == "workflow":
        return {
            "WORKFLOW_TEMPORAL__ADDRESS": servers["TEMPORAL_ADDRESS"],
            "WORKFLOW_TEMPORAL__NAMESPACE": "default",
            "WORKFLOW_TEMPORAL__TASK_QUEUE": "workflow",
            "WORKFLOW_TEMPORAL__PAYLOAD_KEYS": json.dumps([secrets["payload_key"]]),
            "WORKFLOW_ASSESSMENT__URL": servers["ASSESSMENT_URL"],
            "WORKFLOW_CONTENT__URL": servers["CONTENT_URL"],
            "WORKFLOW_PEOPLE__URL": servers["PEOPLE_URL"],
            "WORKFLOW_NOTIFICATION__URL": servers["NOTIFICATION_URL"],
            **_client("workflow", servers, secrets),
        }
    return {}


def _client(service: str, servers: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    prefix, name = f"{service.upper()}_CLIENT__", f"{service}-service"
    return {
        f"{prefix}CLIENT_ID": name,
        f"{prefix}CLIENT_SECRET": secrets[f"client:{name}"],
        f"{prefix}ISSUER": servers["ISSUER_URL"],
    }


def _provider(issuer: str) -> dict[str, object]:
    """The development issuer. It vouches for the assignments of its sample personas."""
    return {
        "name": "local",
        "issuer": issuer,
        "audiences": ["um-platform"],
        "client_roles": dict.fromkeys(CLIENTS, "service"),
        "assignments_claim": "sample_assignments",
    }


def _folder(path: Path) -> str:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return str(path)
