"""The Kubernetes manifests and docker-compose.yml name the same processes, settings and ports.

Each rule returns the faults that it sees, and is shown to see a planted one.
"""

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from contract.test_compose import interpolate, of_service, secrets, setting_names
from devstack.options import ROLES
from devstack.service_env import PROCESSES
from support.manifests import KUBERNETES, Manifest, container, environment, manifests, of_kind, pods

ROOT = Path(__file__).parents[2]
HOW_TO = (ROOT / "docs" / "how-to" / "run-on-kubernetes.md").read_text(encoding="utf-8")
OF_THE_SYSTEM = {"ROLE_PASSWORD", "GLIBC_TUNABLES", "OWNER_PASSWORD", "PGSSLROOTCERT"}
# What runs in Compose beside the services > what takes its place.
REPLACED = {
    "postgres": "Cluster",
    "kafka": "Kafka",
    "kafka-access": "KafkaUser",
    "kafka-certificate": "Kafka",
    "topics": "KafkaTopic",
    **dict.fromkeys(("temporal", "temporal-schema", "temporal-namespace", "temporal-ui"), "chart"),
    **dict.fromkeys(("mailbox", "issuer", "prometheus"), "the region's own"),
}
Faults = Iterator[str]
Found = list[Manifest]
COMPOSE: Manifest = interpolate(
    yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")), secrets()
)["services"]


def workloads(found: Found) -> dict[str, Manifest]:
    return of_kind(found, "Deployment", "Job")


def has_the_processes_of_compose(found: Found) -> Faults:
    ours = {name for name in COMPOSE if of_service(name)}
    jobs = {f"migrate-{service}" for service in ROLES}
    for name in (ours | set(PROCESSES) | jobs) ^ set(workloads(found)):
        yield f"{name} is only in one of them"
    for name in set(COMPOSE) - ours - set(REPLACED):
        yield f"{name} of Compose has no counterpart"
    kinds = {one["kind"] for one in found} | {"chart", "the region's own"}
    yield from (f"there is no {kind}" for kind in set(REPLACED.values()) - kinds)


def runs_what_compose_runs(found: Found) -> Faults:
    for name, workload in workloads(found).items():
        if container(workload)["command"] != COMPOSE[name]["command"]:
            yield f"{name} runs {container(workload)['command']}"


def has_the_settings_of_compose(found: Found) -> Faults:
    for name, workload in workloads(found).items():
        here, there = environment(found, workload), COMPOSE[name]["environment"]
        yield from (f"{name}: no {key}" for key in set(there) - set(here))
        for key in there:
            same = key.endswith(("__URL", "__PORT", "DIRECTORY", "CLIENT_ID")) and "SMTP" not in key
            if same and here.get(key) != there[key]:
                yield f"{name}: {key} is {here.get(key)}, in Compose {there[key]}"


def sets_what_is_read(found: Found) -> Faults:
    for name, workload in workloads(found).items():
        service, _ = of_service(name) or ("", "")
        module = importlib.import_module(f"{service}_service.settings")
        known = set(setting_names(module.Settings, f"{service.upper()}_")) | OF_THE_SYSTEM
        yield from (f"{name}: no {key}" for key in set(environment(found, workload)) - known)


def is_accepted_in_production(found: Found) -> Faults:
    """The services' own settings classes accept what a process gets."""
    for name, workload in workloads(found).items():
        service, _ = of_service(name) or ("", "")
        module = importlib.import_module(f"{service}_service.settings")
        with pytest.MonkeyPatch.context() as patch:
            for key, value in environment(found, workload).items():
                patch.setenv(key, sample(value))
            try:
                if module.Settings().environment != "production":
                    yield f"{name} does not run in production"
            except ValidationError as error:
                yield f"{name}: {error}"


def sample(value: str) -> str:
    """A value that fits where a secret or a mounted file is named."""
    if value.startswith("/authorities/"):
        return __file__  # any file that exists
    if value.endswith("-keys") and value.startswith("secret:"):
        return secrets()["PORTAL_SESSIONS__KEYS"]
    if value.startswith("secret:"):
        return secrets()["POSTGRES_PASSWORD"]
    return re.sub(r"\$\(\w+\)", secrets()["POSTGRES_PASSWORD"], value)  # as Kubernetes fills it in


def listens_where_it_is_asked(found: Found) -> Faults:
    services = of_kind(found, "Service")
    deployments = of_kind(found, "Deployment")
    for name, workload in deployments.items():
        values = environment(found, workload)
        (port,) = container(workload)["ports"]
        own = values[f"{name.partition('-')[0].upper()}_HTTP__PORT"]
        if str(port["containerPort"]) != own:
            yield f"{name} listens on {own}, but {port['containerPort']} is open"
        for host, number in re.findall(r"http://([\w-]+):(\d+)", "\n".join(values.values())):
            spec = services.get(host, {}).get("spec", {"ports": [], "selector": {}})
            if [str(one["port"]) for one in spec["ports"]] != [number]:
                yield f"{name} asks {host}:{number}, where nothing listens"
    for name, service in services.items():
        labels = deployments[name]["spec"]["template"]["metadata"]["labels"]
        if not service["spec"]["selector"].items() <= labels.items():
            yield f"{name} selects no pod"


def holds_no_secret(found: Found) -> Faults:
    yield from (
        f"{one['metadata']['name']} is a Secret" for one in found if one["kind"] == "Secret"
    )
    for name, workload in workloads(found).items():
        for key, value in environment(found, workload).items():
            secret = key.endswith(("PASSWORD", "SECRET", "KEYS"))
            if secret and not value.startswith("secret:"):
                yield f"{name}: {key} is in the manifests"


def documents_what_comes_from_outside(found: Found) -> Faults:
    made = {f"{name}-app" for name in of_kind(found, "Cluster")} | set(of_kind(found, "KafkaUser"))
    for name, workload in workloads(found).items():
        for value in environment(found, workload).values():
            secret, _, key = value.removeprefix("secret:").partition("/")
            given = value.startswith("secret:") and secret not in made
            if given and not re.search(rf"\| `{secret}` \|[^\n]*`{key}`", HOW_TO):
                yield f"{name}: the how-to does not name {key} of {secret}"


def is_restricted(found: Found) -> Faults:
    """Kubernetes' Pod Security Standard `restricted`, and no token of the cluster."""
    allowed = {"emptyDir", "projected", "persistentVolumeClaim", "configMap", "secret", "name"}
    for name, pod in pods(found):
        (process,) = pod["containers"]
        rights, shared = process["securityContext"], pod["securityContext"]
        if rights["allowPrivilegeEscalation"] or rights["capabilities"] != {"drop": ["ALL"]}:
            yield f"{name} may gain rights"
        if not shared["runAsNonRoot"] or rights["runAsUser"] == 0:
            yield f"{name} runs as root"
        if shared["seccompProfile"] != {"type": "RuntimeDefault"}:
            yield f"{name} has no seccomp profile"
        if pod["automountServiceAccountToken"] or pod["enableServiceLinks"]:
            yield f"{name} gets what it does not need"
        if any(key.startswith("host") for key in pod):
            yield f"{name} uses the host"
        if kinds := {key for volume in pod["volumes"] for key in volume} - allowed:
            yield f"{name} mounts {kinds}"
    for name, namespace in of_kind(found, "Namespace").items():
        labels = namespace["metadata"].get("labels", {})
        if labels.get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"{name} enforces nothing"


def mounts_what_is_shared(found: Found) -> Faults:
    """The key folders of Compose are there for the same processes."""
    for name, workload in of_kind(found, "Deployment").items():
        mounted = {mount["mountPath"] for mount in container(workload)["volumeMounts"]}
        for volume in COMPOSE[name].get("volumes", []):
            if volume.split(":")[1].endswith("-keys") and volume.split(":")[1] not in mounted:
                yield f"{name} does not mount {volume}"


RULES = (
    has_the_processes_of_compose,
    runs_what_compose_runs,
    has_the_settings_of_compose,
    sets_what_is_read,
    is_accepted_in_production,
    listens_where_it_is_asked,
    holds_no_secret,
    documents_what_comes_from_outside,
    is_restricted,
    mounts_what_is_shared,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_manifests_keep_the_rule(rule: Callable[[Found], Faults]) -> None:
    assert list(rule(manifests())) == []


def remove(kind: str, name: str) -> Callable[[Found], None]:
    def apply(found: Found) -> None:
        found.remove(of_kind(found, kind)[name])

    return apply


def in_pod(name: str, *path: str | int, to: Any) -> Callable[[Found], None]:
    def apply(found: Found) -> None:
        place: Any = workloads(found)[name]["spec"]["template"]["spec"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return apply


def setting(service: str, key: str, to: str | None) -> Callable[[Found], None]:
    def apply(found: Found) -> None:
        for name, one in of_kind(found, "ConfigMap").items():
            if name.startswith(f"{service}-settings"):
                one["data"].pop(key, None)
                one["data"] |= {} if to is None else {key: to}

    return apply


PROCESS = ("content-api", "containers", 0)
FAULTS = [
    (has_the_processes_of_compose, remove("Deployment", "workflow-temporal")),
    (has_the_processes_of_compose, remove("Kafka", "um-kafka")),
    (runs_what_compose_runs, in_pod(*PROCESS, "command", to=["python"])),
    (has_the_settings_of_compose, setting("content", "CONTENT_CLIENT__ISSUER", None)),
    (has_the_settings_of_compose, setting("content", "CONTENT_PEOPLE__URL", "http://x:1")),
    (sets_what_is_read, setting("content", "CONTENT_PEOPLE__URI", "x")),
    (is_accepted_in_production, setting("people", "PEOPLE_AUTH__ISSUER", "http://people")),
    (is_accepted_in_production, setting("portal", "PORTAL_ENVIRONMENT", "local")),
    (listens_where_it_is_asked, setting("content", "CONTENT_HTTP__PORT", "80")),
    (listens_where_it_is_asked, remove("Service", "people-api")),
    (holds_no_secret, lambda found: found.append({"kind": "Secret", "metadata": {"name": "x"}})),
    (holds_no_secret, in_pod(*PROCESS, "env", 0, to={"name": "ROLE_PASSWORD", "value": "x"})),
    (
        documents_what_comes_from_outside,
        in_pod(*PROCESS, "env", 0, "valueFrom", "secretKeyRef", "key", to="other"),
    ),
    (is_restricted, in_pod(*PROCESS, "securityContext", "capabilities", to={})),
    (is_restricted, in_pod("migrate-people", "securityContext", "runAsNonRoot", to=False)),
    (is_restricted, in_pod("people-api", "hostNetwork", to=True)),
    (is_restricted, in_pod("people-api", "enableServiceLinks", to=True)),
    (mounts_what_is_shared, in_pod("people-api", "containers", 0, "volumeMounts", to=[])),
]


@pytest.mark.parametrize(("rule", "plant"), FAULTS, ids=lambda item: item.__name__)
def test_the_rule_sees_a_planted_fault(
    rule: Callable[[Found], Faults], plant: Callable[[Found], None]
) -> None:
    broken = manifests()
    plant(broken)
    assert list(rule(broken))


def test_every_manifest_file_is_used() -> None:
    base = KUBERNETES / "base"
    listed = yaml.safe_load((base / "kustomization.yaml").read_text(encoding="utf-8"))
    names = {"kustomization.yaml", *listed["resources"], *listed["configurations"]}
    assert {path.name for path in base.glob("*.yaml")} == names
