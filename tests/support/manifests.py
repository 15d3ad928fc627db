"""The Kubernetes manifests as kustomize gives them, and how the tests look into them."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]
KUBERNETES = Path(__file__).parents[2] / "infra" / "kubernetes"
KUBECTL = Path(sys.executable).with_name("kubectl")


@cache
def rendered() -> str:
    """The sample overlay, which has everything, as one YAML text."""
    command = [str(KUBECTL), "kustomize", str(KUBERNETES / "overlays" / "example")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def manifests() -> list[Manifest]:
    """A fresh copy of every manifest."""
    return list(yaml.load_all(rendered(), yaml.CSafeLoader))


def of_kind(found: list[Manifest], *kinds: str) -> dict[str, Manifest]:
    """Name > manifest."""
    return {one["metadata"]["name"]: one for one in found if one["kind"] in kinds}


def pods(found: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """(name, pod) of every Deployment and Job."""
    for name, one in of_kind(found, "Deployment", "Job").items():
        yield name, one["spec"]["template"]["spec"]


def container(workload: Manifest) -> Manifest:
    """The only container of a Deployment or Job."""
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    return dict(only)


def environment(found: list[Manifest], workload: Manifest) -> dict[str, str]:
    """What a process gets: its settings, and `secret:<Secret>/<key>` for what comes from outside.

    Values with $(NAME) are left as they are.
    """
    process = container(workload)
    configured = of_kind(found, "ConfigMap")
    result: dict[str, str] = {}
    for source in process["envFrom"]:
        result |= configured[source["configMapRef"]["name"]]["data"]
    for one in process["env"]:
        if "value" in one:
            result[one["name"]] = one["value"]
        else:
            reference = one["valueFrom"]["secretKeyRef"]
            result[one["name"]] = f"secret:{reference['name']}/{reference['key']}"
    return result
