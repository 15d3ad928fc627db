"""Kubernetes' own API server takes every manifest, by a dry run: defaults, validation, admission.

Part of the tests only when asked for, as the server is built from its source first (some minutes):
API_SERVER=1 make test ARGS=tests/contract/test_kubernetes_api.py
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support.go_tools import go_tool
from support.manifests import KUBECTL, KUBERNETES, Manifest, manifests, of_kind, pods
from support.ports import free_port

pytestmark = [
    pytest.mark.skipif(os.environ.get("API_SERVER") != "1", reason="API_SERVER=1 runs it"),
    pytest.mark.timeout(3_600),
]
TOKEN = "of-this-test"
READY_SECONDS = 120
WITHOUT_SCHEMA = "barmancloud.cnpg.io"
PRESERVED = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


@contextmanager
def server(log: Path, *command: str) -> Iterator[None]:
    with log.open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=log.parent)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


class Cluster:
    """An API server without nodes or controllers."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig

    def apply(self, found: list[Manifest], *options: str) -> subprocess.CompletedProcess[str]:
        """Unknown and repeated fields are errors."""
        return self.kubectl("apply", "--validate=strict", *options, "-f", "-", given=found)

    def kubectl(
        self, *arguments: str, given: list[Manifest] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (str(KUBECTL), f"--kubeconfig={self._kubeconfig}", *arguments),
            input=yaml.dump_all(given or [], Dumper=yaml.CSafeDumper),
            capture_output=True,
            text=True,
            timeout=300,
        )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder, etcd, peer, port = tmp_path_factory.mktemp("api-server"), *(free_port() for _ in "123")
    key = folder / "accounts.pem"
    key.write_bytes(
        generate_private_key(65_537, 2_048).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    (folder / "tokens.csv").write_text(f"{TOKEN},operator,operator,system:masters\n")
    (folder / "kubeconfig").write_text(json.dumps(_kubeconfig(port)))
    with ExitStack() as exits:
        etcd_url, peer_url = f"http://127.0.0.1:{etcd}", f"http://127.0.0.1:{peer}"
        etcd_command = (
            str(go_tool("server", "api-server")),
            f"--data-dir={folder / 'etcd'}",
            f"--listen-client-urls={etcd_url}",
            f"--advertise-client-urls={etcd_url}",
            f"--listen-peer-urls={peer_url}",
            f"--initial-advertise-peer-urls={peer_url}",
            f"--initial-cluster=default={peer_url}",
        )
        exits.enter_context(server(folder / "etcd.log", *etcd_command))
        api_command = (
            str(go_tool("kube-apiserver", "api-server")),
            f"--etcd-servers={etcd_url}",
            f"--secure-port={port}",
            "--bind-address=127.0.0.1",
            f"--cert-dir={folder}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://cluster.local",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            f"--token-auth-file={folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
        )
        exits.enter_context(server(folder / "api.log", *api_command))
        cluster = Cluster(folder / "kubeconfig")
        end = monotonic() + READY_SECONDS
        while cluster.kubectl("get", "--raw=/readyz").returncode:
            assert monotonic() < end, (folder / "api.log").read_text()[-3_000:]
            sleep(1)
        defined = cluster.apply(definitions(manifests()))
        assert defined.returncode == 0, defined.stderr
        waited = cluster.kubectl("wait", "--for=condition=Established", "crd", "--all")
        assert waited.returncode == 0, waited.stderr
        named = cluster.apply(list(of_kind(manifests(), "Namespace").values()))
        assert named.returncode == 0, named.stderr
        yield cluster


def _kubeconfig(port: int) -> dict[str, Any]:
    address = {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": address}],
        "users": [{"name": "operator", "user": {"token": TOKEN}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "operator"}}],
        "current-context": "here",
    }


def definitions(found: list[Manifest]) -> list[Manifest]:
    """A CustomResourceDefinition for each of the operators' kinds, by the schemas of this
    repository; the plugin's for backups, which has none, takes everything."""
    kinds = {
        (one["kind"], *one["apiVersion"].split("/")) for one in found if "." in one["apiVersion"]
    }
    return [
        _definition(kind, group, version)
        for kind, group, version in sorted(kinds)
        if not group.endswith("k8s.io")
    ]


def _definition(kind: str, group: str, version: str) -> Manifest:
    plural = f"{kind.lower()}s"
    path = KUBERNETES / "schemas" / f"{group}-{kind.lower()}-{version}.json"
    schema = PRESERVED if group == WITHOUT_SCHEMA else structural(json.loads(path.read_text()))
    one = {
        "name": version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            # The names that end with k8s.io need it; to others it is nothing.
            "annotations": {"api-approved.kubernetes.io": "unapproved"},
        },
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [one],
        },
    }


def structural(schema: Any) -> Any:
    """As the operator's definition has it: the server itself refuses what it does not know."""
    if isinstance(schema, list):
        return [structural(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == ["integer", "string"]:
        return {"x-kubernetes-int-or-string": True}
    return {
        key: structural(value)
        for key, value in schema.items()
        if not (key == "additionalProperties" and value is False)
    }


def test_the_server_takes_every_manifest(cluster: Cluster) -> None:
    answer = cluster.apply(manifests(), "--dry-run=server")
    assert (answer.returncode, answer.stderr) == (0, "")
    taken = answer.stdout.splitlines()
    assert len(taken) == len(manifests())
    assert all(line.endswith("(server dry run)") for line in taken)


def test_every_pod_is_admitted_under_the_namespaces_policy(cluster: Cluster) -> None:
    """A Deployment that breaks Pod Security is taken, with a warning; its pods are not."""
    found = manifests()
    (namespace,) = of_kind(found, "Namespace")
    accounts = {pod.get("serviceAccountName", "default") for _, pod in pods(found)}
    made = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
        for name in sorted(accounts)
    ]
    assert cluster.apply(made, f"--namespace={namespace}").returncode == 0
    each = [as_pod(name, namespace, pod) for name, pod in pods(found)]
    answer = cluster.apply(each, "--dry-run=server")
    assert (answer.returncode, answer.stderr) == (0, "")
    each[0]["spec"]["hostNetwork"] = True
    refused = cluster.apply(each[:1], "--dry-run=server")
    assert "violates PodSecurity" in refused.stderr


def as_pod(name: str, namespace: str, spec: Manifest) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {**spec, "restartPolicy": "Never"},
    }


@pytest.mark.parametrize(
    ("kind", "name", "change"),
    [
        ("Deployment", "content-api", {"replica": 2}),
        ("Deployment", "content-api", {"selector": {"matchLabels": {"app": "other"}}}),
        ("Kafka", "um-kafka", {"zookeeper": {"replicas": 3}}),
        ("KafkaTopic", "workflow.unit", {"partitions": "six"}),
        ("NetworkPolicy", "default-deny", {"policyTypes": ["Inwards"]}),
    ],
)
def test_a_wrong_manifest_is_refused(
    cluster: Cluster, kind: str, name: str, change: dict[str, Any]
) -> None:
    broken = of_kind(manifests(), kind)[name]
    broken["spec"] |= change
    assert cluster.apply([broken], "--dry-run=server").returncode == 1
