"""A service's Deployments with what belongs to each, and its migration Job."""

from typing import Any

from contracts.readers import GROUPS
from devstack.options import ROLES
from generators.kubernetes.parts import (
    KAFKA,
    KAFKA_PORT,
    PORT,
    TEMPORAL,
    TEMPORAL_PORT,
    Manifest,
    database,
    listens,
    manifest,
    of,
    of_process,
)

USER = 10001  # of infra/docker/Dockerfile
# Folders that the processes of a service share: a volume that several nodes mount.
FOLDERS = {"assessment": "round-keys", "people": "token-keys"}
# Setting > key in the Secret `<service>-secrets`, which comes from outside.
SECRETS = {
    "assessment": {
        "ASSESSMENT_AUDIT__SIGNING_KEYS": "audit-signing-keys",
        "ASSESSMENT_CLIENT__CLIENT_SECRET": "client-secret",
    },
    "content": {
        "CONTENT_AUDIT__SIGNING_KEYS": "audit-signing-keys",
        "CONTENT_CLIENT__CLIENT_SECRET": "client-secret",
    },
    "notification": {
        "NOTIFICATION_AUDIT__SIGNING_KEYS": "audit-signing-keys",
        "NOTIFICATION_CLIENT__CLIENT_SECRET": "client-secret",
        "NOTIFICATION_WEBHOOK__SIGNING_KEYS": "webhook-signing-keys",
        "NOTIFICATION_SMTP__USERNAME": "smtp-username",
        "NOTIFICATION_SMTP__PASSWORD": "smtp-password",
    },
    "people": {"PEOPLE_AUDIT__SIGNING_KEYS": "audit-signing-keys"},
    "portal": {
        "PORTAL_SESSIONS__KEYS": "session-keys",
        "PORTAL_SIGN_IN__CLIENT_SECRET": "client-secret",
    },
    "workflow": {
        "WORKFLOW_AUDIT__SIGNING_KEYS": "audit-signing-keys",
        "WORKFLOW_CLIENT__CLIENT_SECRET": "client-secret",
        "WORKFLOW_TEMPORAL__PAYLOAD_KEYS": "payload-keys",
    },
}
# A relay without a login, and a public client of the identity provider.
OPTIONAL = {
    "NOTIFICATION_SMTP__USERNAME",
    "NOTIFICATION_SMTP__PASSWORD",
    "PORTAL_SIGN_IN__CLIENT_SECRET",
}


def of_service(service: str) -> list[Manifest]:
    """Everything of a service, in the order in which it is read."""
    found = [_migration(service), *_folder(service)]
    for role in ROLES[service]:
        found += [_deployment(service, role), _budget(service, role), _scaling(service, role)]
    front = of_process(service, listens(service))
    ports = [{"name": "http", "port": PORT, "targetPort": "http"}]
    address = f"{service}-{listens(service)}"
    found.append(
        manifest("v1", "Service", address, front, spec={"selector": front, "ports": ports})
    )
    if any(role == "worker" for role in ROLES[service]):
        found.append(_kafka_login(service))
    return found


def _deployment(service: str, role: str) -> Manifest:
    labels = of_process(service, role)
    container = _container(service, role)
    container["ports"] = [{"name": "http", "containerPort": PORT}]
    container["startupProbe"] = _probe("live", periodSeconds=2, failureThreshold=30)
    container["livenessProbe"] = _probe("live", periodSeconds=10, failureThreshold=6)
    container["readinessProbe"] = _probe("ready", periodSeconds=5, failureThreshold=2)
    # Requests still come for a moment after a pod has been told to end.
    container["lifecycle"] = {"preStop": {"sleep": {"seconds": 5}}}
    spec: Manifest = {
        "selector": {"matchLabels": labels},
        "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "template": {"metadata": {"labels": labels}, "spec": _pod(service, container)},
    }
    apart = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": labels}}
    preferred = [{"weight": 100, "podAffinityTerm": apart}]
    spec["template"]["spec"] |= {
        "terminationGracePeriodSeconds": 35,
        "affinity": {
            "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}
        },
    }
    return manifest("apps/v1", "Deployment", f"{service}-{role}", labels, spec=spec)


def _probe(what: str, **times: int) -> Manifest:
    return {"httpGet": {"path": f"/health/{what}", "port": "http"}, "timeoutSeconds": 5, **times}


def _migration(service: str) -> Manifest:
    labels = of_process(service, "migrate")
    container = _container(service, "migrate")
    prefix = service.upper()
    container["env"] += [
        _from_secret("OWNER_PASSWORD", f"{database(service)}-app", "password"),
        _value(f"{prefix}_DB__MIGRATION_DSN", _dsn(service, "owner", "OWNER_PASSWORD")),
    ]
    spec = {
        "backoffLimit": 5,
        "ttlSecondsAfterFinished": 86400,
        "template": {
            "metadata": {"labels": labels},
            "spec": {**_pod(service, container), "restartPolicy": "Never"},
        },
    }
    return manifest("batch/v1", "Job", f"migrate-{service}", labels, spec=spec)


def _container(service: str, role: str) -> Manifest:
    mounts = [
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
        {"name": "authorities", "mountPath": "/authorities", "readOnly": True},
    ]
    if service in FOLDERS and role != "migrate":
        mounts.append({"name": FOLDERS[service], "mountPath": f"/{FOLDERS[service]}"})
    return {
        "name": role,
        "image": "um-platform",
        "imagePullPolicy": "Always",
        "command": ["python", "-m", f"{service}_service", role],
        "envFrom": [{"configMapRef": {"name": f"{service}-settings"}}],
        "env": _environment(service, listens(service) if role == "migrate" else role),
        "resources": {
            "requests": {"cpu": "100m", "memory": "256Mi", "ephemeral-storage": "64Mi"},
            "limits": {"cpu": "1", "memory": "512Mi", "ephemeral-storage": "256Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": mounts,
    }


def _pod(service: str, container: Manifest) -> Manifest:
    authorities = [
        _authority(f"{database(service)}-ca", "database.crt"),
        _authority(f"{KAFKA}-cluster-ca-cert", "kafka.crt"),
    ]
    volumes: list[Manifest] = [
        {"name": "tmp", "emptyDir": {"sizeLimit": "128Mi"}},
        {"name": "authorities", "projected": {"sources": authorities}},
    ]
    folder = FOLDERS.get(service)
    if folder in {mount["name"] for mount in container["volumeMounts"]}:
        volumes.append({"name": folder, "persistentVolumeClaim": {"claimName": folder}})
    return {
        "automountServiceAccountToken": False,
        # Kubernetes would set variables with the prefix of the settings.
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": volumes,
    }


def _authority(secret: str, path: str) -> Manifest:
    return {"secret": {"name": secret, "items": [{"key": "ca.crt", "path": path}]}}


def _environment(service: str, role: str) -> list[Manifest]:
    prefix = service.upper()
    own = (_from_secret(name, f"{service}-secrets", key) for name, key in SECRETS[service].items())
    return [
        _from_secret("ROLE_PASSWORD", f"{service}-{role}-database", "password"),
        _value(f"{prefix}_DB__DSN", _dsn(service, role, "ROLE_PASSWORD")),
        _from_secret(f"{prefix}_KAFKA__SASL_PASSWORD", service, "password"),
        *own,
    ]


def _dsn(service: str, role: str, password: str) -> str:
    place = f"{database(service)}-rw:5432/{service}"
    return f"postgresql://{service}_{role}:$({password})@{place}?sslmode=verify-full"


def _value(name: str, value: str) -> Manifest:
    return {"name": name, "value": value}


def _from_secret(name: str, secret: str, key: str) -> Manifest:
    optional = {"optional": True} if name in OPTIONAL else {}
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key, **optional}}}


def _folder(service: str) -> list[Manifest]:
    if service not in FOLDERS:
        return []
    spec = {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    name = FOLDERS[service]
    return [manifest("v1", "PersistentVolumeClaim", name, of(service), spec=spec)]


def _budget(service: str, role: str) -> Manifest:
    labels = of_process(service, role)
    spec = {
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": labels},
    }
    return manifest("policy/v1", "PodDisruptionBudget", f"{service}-{role}", labels, spec=spec)


def _scaling(service: str, role: str) -> Manifest:
    if role == listens(service):
        return _by_load(service, role)
    triggers = _by_lag(service) if role == "worker" else [_by_tasks()]
    spec = {
        "scaleTargetRef": {"name": f"{service}-{role}"},
        "minReplicaCount": 2,
        "maxReplicaCount": 6,
        "triggers": triggers,
    }
    labels = of_process(service, role)
    return manifest("keda.sh/v1alpha1", "ScaledObject", f"{service}-{role}", labels, spec=spec)


def _by_load(service: str, role: str) -> Manifest:
    name = f"{service}-{role}"
    target = {"type": "Utilization", "averageUtilization": 70}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": 2,
        "maxReplicas": 8,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }
    labels = of_process(service, role)
    return manifest("autoscaling/v2", "HorizontalPodAutoscaler", name, labels, spec=spec)


def _by_lag(service: str) -> list[Manifest]:
    """One trigger for each consumer group: records that it has not taken."""
    return [
        {
            "type": "kafka",
            "metadata": {
                "bootstrapServers": f"{KAFKA}-kafka-bootstrap:{KAFKA_PORT}",
                "consumerGroup": group,
                "lagThreshold": "500",
                "sasl": "scram_sha512",
                "tls": "enable",
            },
            "authenticationRef": {"name": f"{service}-kafka"},
        }
        for group in sorted(GROUPS)
        if group.startswith(f"{service}.")
    ]


def _by_tasks() -> Manifest:
    metadata: dict[str, Any] = {
        "endpoint": f"{TEMPORAL}:{TEMPORAL_PORT}",
        "namespace": "default",
        "taskQueue": "workflow",
        "targetQueueSize": "20",
    }
    return {"type": "temporal", "metadata": metadata}


def _kafka_login(service: str) -> Manifest:
    """What the autoscaler signs in with to see the groups' lag: the service's own account."""
    authority = f"{KAFKA}-cluster-ca-cert"
    account = {"name": f"{service}-settings", "key": f"{service.upper()}_KAFKA__SASL_USERNAME"}
    spec = {
        "configMapTargetRef": [{"parameter": "username", **account}],
        "secretTargetRef": [
            {"parameter": "password", "name": service, "key": "password"},
            {"parameter": "ca", "name": authority, "key": "ca.crt"},
        ],
    }
    kind = "TriggerAuthentication"
    return manifest("keda.sh/v1alpha1", kind, f"{service}-kafka", of(service), spec=spec)
