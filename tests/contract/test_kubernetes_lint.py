"""The manifests follow the schemas of Kubernetes and the operators, and good practice."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from support.go_tools import go_tool
from support.manifests import KUBERNETES, Manifest, manifests, of_kind

KUBERNETES_VERSION = "v1.37.0"
DEFINITIONS = "_definitions.json"
SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
# Of the plugin for backups; its schema is in no package.
WITHOUT_SCHEMA = "ObjectStore"


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kubernetes' schemas with references that kubeconform can follow."""
    folder = tmp_path_factory.mktemp("schemas")
    kinds = {one["kind"].lower() for one in manifests()}
    for path in (SCHEMAS / f"{KUBERNETES_VERSION}-local-strict").iterdir():
        if path.name.partition("-")[0] in kinds or path.name == DEFINITIONS:
            text = path.read_text(encoding="utf-8").replace("/api/_definitions.json", DEFINITIONS)
            text = text.replace(f'"{DEFINITIONS}', f'"file://{folder}/{DEFINITIONS}')
            (folder / path.name).write_text(text, encoding="utf-8")
    return folder


def text(found: list[Manifest]) -> str:
    return str(yaml.dump_all(found, Dumper=yaml.CSafeDumper))


def conforms(found: list[Manifest], schemas: Path) -> str:
    """What kubeconform says against; nothing if all is well."""
    own = KUBERNETES / "schemas" / "{{.Group}}-{{.ResourceKind}}-{{.ResourceAPIVersion}}.json"
    command = [str(go_tool("kubeconform")), "-strict", "-skip", WITHOUT_SCHEMA]
    for place in (schemas / "{{.ResourceKind}}{{.KindSuffix}}.json", own):
        command += ["-schema-location", str(place)]
    answer = subprocess.run(command, input=text(found), capture_output=True, text=True)
    return answer.stdout + answer.stderr


def criticism(found: list[Manifest]) -> list[str]:
    """What kube-score warns of."""
    command = [str(go_tool("kube-score")), "score", "--output-format", "ci", "-"]
    answer = subprocess.run(command, input=text(found), capture_output=True, text=True)
    assert "[OK]" in answer.stdout, answer.stderr
    return [
        line for line in answer.stdout.splitlines() if "[OK]" not in line and "SKIP" not in line
    ]


def test_every_manifest_follows_its_schema(schemas: Path) -> None:
    assert conforms(manifests(), schemas) == ""


@pytest.mark.parametrize(
    ("kind", "name", "change"),
    [
        ("Deployment", "content-api", {"replica": 2}),
        ("Kafka", "um-kafka", {"zookeeper": {"replicas": 3}}),
        ("KafkaTopic", "workflow.unit", {"partitions": "six"}),
        ("Cluster", "people-db", {"instance": 3}),
        ("ScaledObject", "content-worker", {"triggers": [{"type": "kafka"}]}),
    ],
)
def test_a_wrong_manifest_is_seen(
    schemas: Path, kind: str, name: str, change: dict[str, Any]
) -> None:
    broken = of_kind(manifests(), kind)[name]
    broken["spec"] |= change
    assert f"{kind} {name}" in conforms([broken], schemas)


def test_the_linter_has_nothing_against_them() -> None:
    assert criticism(manifests()) == []


def without(*path: str) -> Callable[[Manifest], None]:
    def apply(container: Manifest) -> None:
        for step in path[:-1]:
            container = container[step]
        del container[path[-1]]

    return apply


@pytest.mark.parametrize(
    "harm",
    [
        without("readinessProbe"),
        without("resources", "limits"),
        without("securityContext", "readOnlyRootFilesystem"),
    ],
)
def test_the_linter_sees_a_planted_fault(harm: Callable[[Manifest], None]) -> None:
    broken = manifests()
    deployment = of_kind(broken, "Deployment")["content-api"]
    harm(deployment["spec"]["template"]["spec"]["containers"][0])
    assert any("content-api" in line for line in criticism(broken))
