"""CloudNativePG's clusters: one for each service and one for Temporal, each of three instances."""

from pathlib import Path

from devstack.service_env import ROLES
from generators.kubernetes.parts import Manifest, database, manifest, of

IMAGE = "ghcr.io/cloudnative-pg/postgresql:18.4-standard-trixie"
BACKUPS = "barman-cloud.cloudnative-pg.io"  # the plugin; the overlay has its object store
API = "postgresql.cnpg.io/v1"


def all_(root: Path) -> list[Manifest]:
    """Clusters with their daily backups."""
    grants = (root / "infra" / "postgres" / "grants.sql").read_text(encoding="utf-8")
    found = []
    for service in ROLES:
        found += [_of_service(service, grants), _backup(service)]
    return [*found, *_of_temporal(), _backup("temporal")]


def _of_service(service: str, grants: str) -> Manifest:
    app = {
        "name": f"{service}_app",
        "login": True,
        "passwordSecret": {"name": f"{service}-database"},
    }
    initial = {
        "database": service,
        "owner": f"{service}_owner",
        # The role gets its password later, from the Secret; the rights name it now.
        "postInitSQL": [f"create role {service}_app login"],
        "postInitApplicationSQL": _statements(grants.replace("${service}", service)),
    }
    spec = {**_spec(), "bootstrap": {"initdb": initial}, "managed": {"roles": [app]}}
    return manifest(API, "Cluster", database(service), of(service), spec=spec)


def _of_temporal() -> list[Manifest]:
    """Temporal keeps two databases in one cluster; its chart fills them."""
    initial = {"database": "temporal", "owner": "temporal"}
    spec = {**_spec(), "bootstrap": {"initdb": initial}}
    second = {
        "cluster": {"name": database("temporal")},
        "name": "temporal_visibility",
        "owner": "temporal",
    }
    labels = of("temporal")
    return [
        manifest(API, "Cluster", database("temporal"), labels, spec=spec),
        manifest(API, "Database", "temporal-visibility", labels, spec=second),
    ]


def _spec() -> Manifest:
    return {
        "instances": 3,
        "imageName": IMAGE,
        "enableSuperuserAccess": False,
        "storage": {"size": "20Gi"},
        "walStorage": {"size": "5Gi"},
        "resources": {
            "requests": {"cpu": "250m", "memory": "1Gi"},
            "limits": {"cpu": "2", "memory": "1Gi"},
        },
        "postgresql": {
            "parameters": {"max_connections": "300", "timezone": "UTC"},
            # A commit is answered when a second instance has it.
            "synchronous": {"method": "any", "number": 1},
        },
        "plugins": [
            {
                "name": BACKUPS,
                "isWALArchiver": True,
                "parameters": {"barmanObjectName": "backups"},
            }
        ],
    }


def _backup(service: str) -> Manifest:
    spec = {
        "schedule": "0 0 2 * * *",
        "backupOwnerReference": "self",
        "cluster": {"name": database(service)},
        "method": "plugin",
        "pluginConfiguration": {"name": BACKUPS},
    }
    return manifest(API, "ScheduledBackup", database(service), of(service), spec=spec)


def _statements(text: str) -> list[str]:
    lines = (line for line in text.splitlines() if not line.startswith("--"))
    parts = "\n".join(lines).split(";")
    return [" ".join(part.split()) for part in parts if part.strip()]
