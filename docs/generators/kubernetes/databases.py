"""CloudNativePG's clusters: one for each service and one for Temporal, each of three instances."""

import re

from devstack.options import ROLES
from devstack.servers.postgres import WORK, WORK_OF_ALL
from devstack.servers.postgres_cluster import grants
from generators.kubernetes.parts import Manifest, database, manifest, of

IMAGE = "ghcr.io/cloudnative-pg/postgresql:18.4-standard-trixie"
BACKUPS = "barman-cloud.cloudnative-pg.io"  # the plugin; the overlay has its object store
API = "postgresql.cnpg.io/v1"


def all_() -> list[Manifest]:
    """Clusters with their daily backups."""
    found = []
    for service in ROLES:
        found += [_of_service(service), _backup(service)]
    return [*found, *_of_temporal(), _backup("temporal")]


def _of_service(service: str) -> Manifest:
    initial = {
        "database": service,
        "owner": f"{service}_owner",
        # It makes the roles; they get login and password later, from the Secrets.
        "postInitApplicationSQL": _statements(grants(service, (*ROLES[service], *work(service)))),
    }
    roles = [_role(service, role) for role in ROLES[service]]
    spec = {**_spec(), "bootstrap": {"initdb": initial}, "managed": {"roles": roles}}
    return manifest(API, "Cluster", database(service), of(service), spec=spec)


def work(service: str) -> tuple[str, ...]:
    """The roles that the service's processes take for one kind of work."""
    return WORK.get(service, WORK_OF_ALL)


def _role(service: str, role: str) -> Manifest:
    # The operator takes away what is not listed; how they were granted is in grants.sql.
    taken = {"worker": work(service), "api": tuple({"release"} & set(work(service)))}
    return {
        "name": f"{service}_{role}",
        "login": True,
        "passwordSecret": {"name": f"{service}-{role}-database"},
        "inRoles": [f"{service}_{one}" for one in taken.get(role, ())],
    }


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
    """The statements of a script, where semicolons between $$ end none."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    parts = re.findall(r"(?:\$\$.*?\$\$|[^;])+", lines, re.DOTALL)
    return [part.strip() for part in parts if part.strip()]
