"""Network policies: nothing may connect but what the settings name."""

import re
from collections.abc import Mapping

from devstack.options import ROLES
from generators.kubernetes.parts import (
    KAFKA,
    KAFKA_PORT,
    PORT,
    TEMPORAL_PORT,
    Manifest,
    database,
    listens,
    manifest,
    of,
    of_process,
)

PLATFORM = {"app.kubernetes.io/part-of": "um-platform"}
# Labels of the namespaces that reach in; an overlay may rename them.
INGRESS, MONITORING, OPERATORS = "ingress", "monitoring", "cnpg-system"
Settings = Mapping[str, dict[str, str]]


def all_(settings: Settings) -> list[Manifest]:
    """Nothing by default, then what each service and database needs."""
    return [
        _nothing(),
        _names(),
        *(_service(service, settings) for service in ROLES),
        *(_callers(service, settings) for service in ROLES),
        *(_database(service) for service in (*ROLES, "temporal")),
    ]


def _policy(name: str, pods: Manifest, **rules: list[Manifest]) -> Manifest:
    kinds = [kind.capitalize() for kind in rules]
    spec = {"podSelector": pods, "policyTypes": kinds, **{k: v for k, v in rules.items() if v}}
    return manifest("networking.k8s.io/v1", "NetworkPolicy", name, {}, spec=spec)


def _nothing() -> Manifest:
    return _policy("default-deny", {"matchLabels": PLATFORM}, ingress=[], egress=[])


def _names() -> Manifest:
    """Everybody may look up names."""
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    there = [{"namespaceSelector": _namespace("kube-system")}]
    return _policy("dns", {"matchLabels": PLATFORM}, egress=[{"to": there, "ports": ports}])


def _service(service: str, settings: Settings) -> Manifest:
    """Where a service's processes connect to, and who reads their metrics."""
    to: list[Manifest] = [
        _to({"cnpg.io/cluster": database(service)}, 5432),
        _to({"strimzi.io/cluster": KAFKA, "strimzi.io/kind": "Kafka"}, KAFKA_PORT),
        *(_to(of_process(peer, listens(peer)), PORT) for peer in peers(service, settings)),
        # The identity provider, and the platform's own addresses outside.
        {"to": [_anywhere()], "ports": [_port(443)]},
    ]
    if service == "workflow":
        to.append(_to({"app.kubernetes.io/name": "temporal"}, TEMPORAL_PORT))
    if service == "notification":
        mail = int(settings[service]["NOTIFICATION_SMTP__PORT"])
        to.append({"to": [_anywhere()], "ports": [_port(mail)]})
    metrics = {"from": [{"namespaceSelector": _namespace(MONITORING)}], "ports": [_port(PORT)]}
    return _policy(service, {"matchLabels": of(service)}, ingress=[metrics], egress=to)


def _callers(service: str, settings: Settings) -> Manifest:
    """Who asks a service: others of the platform, and what lets people and programs in."""
    asking = [peer for peer in ROLES if service in peers(peer, settings)]
    who: list[Manifest] = [{"podSelector": {"matchLabels": of(peer)}} for peer in asking]
    who.append({"namespaceSelector": _namespace(INGRESS)})
    front = {"matchLabels": of_process(service, listens(service))}
    return _policy(f"{service}-callers", front, ingress=[{"from": who, "ports": [_port(PORT)]}])


def _database(service: str) -> Manifest:
    pods = {"cnpg.io/cluster": database(service)}
    own = [{"podSelector": {"matchLabels": of(service)}}, {"podSelector": {"matchLabels": pods}}]
    operator = [
        {"namespaceSelector": _namespace(OPERATORS)},
        {"podSelector": {"matchLabels": pods}},
    ]
    rules = [
        {"from": own, "ports": [_port(5432)]},
        {"from": operator, "ports": [_port(8000), _port(5432)]},
    ]
    policy = _policy(database(service), {"matchLabels": pods}, ingress=rules)
    # The operator makes the pods, so that the linter does not see them.
    policy["metadata"]["annotations"] = {"kube-score/ignore": "networkpolicy-targets-pod"}
    return policy


def peers(service: str, settings: Settings) -> list[str]:
    """The services whose addresses are among the settings of this one."""
    found = re.findall(r"http://([a-z]+)-[a-z]+:\d+", "\n".join(settings[service].values()))
    return sorted(set(found))


def _to(pods: dict[str, str], port: int) -> Manifest:
    return {"to": [{"podSelector": {"matchLabels": pods}}], "ports": [_port(port)]}


def _port(number: int) -> Manifest:
    return {"protocol": "TCP", "port": number}


def _namespace(name: str) -> Manifest:
    return {"matchLabels": {"kubernetes.io/metadata.name": name}}


def _anywhere() -> Manifest:
    return {"ipBlock": {"cidr": "0.0.0.0/0"}}
