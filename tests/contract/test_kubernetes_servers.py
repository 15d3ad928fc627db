"""Brokers, topics, accounts, databases and networks in the manifests are those that are needed."""

import re
from collections.abc import Callable

import pytest

from contracts.readers import GROUPS
from contracts.registry import TOPICS
from devstack.options import ROLES
from devstack.service_env import PROCESSES
from servicekit.kafka import configuration, own_topics
from servicekit.kafka_rights import MATRIX, SUBSCRIBER_LIMITS, Right, rights_of_subscriber
from support.manifests import Manifest, environment, manifests, of_kind

FOUND = manifests()
PORT = 8000


def test_three_brokers_keep_every_record_twice_at_least() -> None:
    config = of_kind(FOUND, "Kafka")["um-kafka"]["spec"]["kafka"]["config"]
    assert of_kind(FOUND, "KafkaNodePool")["brokers"]["spec"]["replicas"] == 3
    assert (config["default.replication.factor"], config["min.insync.replicas"]) == (3, 2)
    assert config["auto.create.topics.enable"] is False
    for topic in of_kind(FOUND, "KafkaTopic").values():
        assert topic["spec"]["replicas"] == 3
        assert topic["spec"]["config"]["min.insync.replicas"] == "2"


def test_the_topics_are_those_of_the_contracts_and_of_the_groups() -> None:
    wanted = [*TOPICS.values(), *(topic for group in GROUPS for topic in own_topics(group))]
    found = of_kind(FOUND, "KafkaTopic")
    assert set(found) == {topic.name for topic in wanted}
    for topic in wanted:
        spec = found[topic.name]["spec"]
        assert spec["partitions"] == topic.partitions
        assert configuration(topic).items() <= spec["config"].items()


def test_brokers_take_accounts_over_tls_only_and_deny_by_default() -> None:
    kafka = of_kind(FOUND, "Kafka")["um-kafka"]["spec"]["kafka"]
    (listener,) = kafka["listeners"]
    assert listener["tls"] is True
    assert listener["authentication"] == {"type": "scram-sha-512"}
    assert kafka["authorization"] == {"type": "simple"}


def rights(accounts: dict[str, Manifest]) -> set[Right]:
    """What the accounts' rules allow, as lines of the matrix."""
    words = {"Read": "read", "Write": "write", "Create": "create", "Delete": "delete"}
    return {
        Right(
            *(account, resource["type"], resource["name"], words[operation]),  # type: ignore[arg-type]
            prefixed=resource["patternType"] == "prefix",
        )
        for account, user in accounts.items()
        for rule in user["spec"]["authorization"]["acls"]
        for resource in [rule["resource"]]
        for operation in rule["operations"]
        if operation != "Describe"
    }


def test_the_accounts_have_exactly_the_matrix() -> None:
    accounts = of_kind(FOUND, "KafkaUser")
    subscriber = accounts.pop("subscriber-hr")
    assert set(accounts) == set(ROLES)
    assert rights(accounts) == MATRIX
    assert rights({"subscriber-hr": subscriber}) == rights_of_subscriber("hr")
    assert subscriber["spec"]["quotas"] == {
        "consumerByteRate": SUBSCRIBER_LIMITS["consumer_byte_rate"],
        "requestPercentage": SUBSCRIBER_LIMITS["request_percentage"],
    }


def test_a_right_too_many_is_seen() -> None:
    accounts = of_kind(manifests(), "KafkaUser")
    accounts["content"]["spec"]["authorization"]["acls"][0]["operations"].append("Write")
    assert rights(accounts) != MATRIX


def test_workers_grow_with_the_lag_of_each_of_their_groups() -> None:
    scaled = of_kind(FOUND, "ScaledObject")
    watched = [
        (name.partition("-")[0], trigger["metadata"]["consumerGroup"])
        for name, one in scaled.items()
        for trigger in one["spec"]["triggers"]
        if trigger["type"] == "kafka"
    ]
    assert sorted(watched) == sorted((group.split(".")[0], group) for group in GROUPS)


def test_every_process_is_scaled_once_and_has_a_budget() -> None:
    scaled = [
        one["spec"]["scaleTargetRef"]["name"]
        for one in FOUND
        if one["kind"] in ("ScaledObject", "HorizontalPodAutoscaler")
    ]
    assert sorted(scaled) == sorted(PROCESSES)
    assert set(of_kind(FOUND, "PodDisruptionBudget")) == set(PROCESSES)


def test_every_database_has_three_instances_and_a_daily_backup() -> None:
    clusters = of_kind(FOUND, "Cluster")
    assert set(clusters) == {f"{service}-db" for service in (*ROLES, "temporal")}
    assert all(one["spec"]["instances"] == 3 for one in clusters.values())
    saved = {one["spec"]["cluster"]["name"] for one in of_kind(FOUND, "ScheduledBackup").values()}
    assert saved == set(clusters)


@pytest.mark.parametrize("service", ROLES)
def test_each_process_has_a_role_that_takes_what_the_script_gives(service: str) -> None:
    spec = of_kind(FOUND, "Cluster")[f"{service}-db"]["spec"]
    initial = spec["bootstrap"]["initdb"]
    block, *others = initial["postInitApplicationSQL"]
    assert initial["owner"] == f"{service}_owner"
    assert block.startswith("do $$")
    assert block.endswith("end $$")
    assert [line.partition(" on ")[0] for line in others] == ["revoke all", "revoke all"]
    taken = {role["name"]: role["inRoles"] for role in spec["managed"]["roles"]}
    work = {"portal": [], "assessment": ["relay", "release"]}.get(service, ["relay"])
    expected: dict[str, list[str]] = {f"{service}_{role}": [] for role in ROLES[service]}
    expected |= {f"{service}_worker": [f"{service}_{one}" for one in work]} if work else {}
    expected |= {"assessment_api": ["assessment_release"]} if service == "assessment" else {}
    assert taken == expected


def selects(policy: Manifest, labels: dict[str, str]) -> bool:
    return dict(policy["spec"]["podSelector"]["matchLabels"]).items() <= labels.items()


def allows(found: list[Manifest], caller: dict[str, str], called: dict[str, str]) -> bool:
    """Whether both ends let one pod connect to another's port."""

    def named(peers: list[Manifest], labels: dict[str, str]) -> bool:
        chosen = (one["podSelector"]["matchLabels"] for one in peers if "podSelector" in one)
        return any(dict(wanted).items() <= labels.items() for wanted in chosen)

    def open_(pod: dict[str, str], direction: str, side: str, other: dict[str, str]) -> bool:
        return any(
            named(rule[side], other) and {"protocol": "TCP", "port": PORT} in rule["ports"]
            for policy in of_kind(found, "NetworkPolicy").values()
            if selects(policy, pod)
            for rule in policy["spec"].get(direction, ())
        )

    return open_(caller, "egress", "to", called) and open_(called, "ingress", "from", caller)


def connections(found: list[Manifest]) -> set[tuple[str, str]]:
    """(process, process) for each connection that the policies allow."""
    labels = {
        name: one["spec"]["template"]["metadata"]["labels"]
        for name, one in of_kind(found, "Deployment").items()
    }
    return {
        (one, other)
        for one, its in labels.items()
        for other, theirs in labels.items()
        if allows(found, its, theirs)
    }


def needed() -> set[tuple[str, str]]:
    deployments = of_kind(FOUND, "Deployment")
    return {
        (name, host)
        for name, one in deployments.items()
        for host in re.findall(r"http://([\w-]+):\d+", "\n".join(environment(FOUND, one).values()))
    }


def test_processes_reach_what_their_settings_name_and_nothing_else() -> None:
    assert connections(FOUND) == needed()


def test_all_pods_of_the_platform_are_denied_by_default() -> None:
    default = of_kind(FOUND, "NetworkPolicy")["default-deny"]
    assert set(default["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    assert not {"ingress", "egress"} & default["spec"].keys()
    for name, one in of_kind(FOUND, "Deployment", "Job").items():
        assert selects(default, one["spec"]["template"]["metadata"]["labels"]), name


def open_to_content(policies: dict[str, Manifest]) -> None:
    """Both ends: content may ask the notification service, which no setting names."""
    pods = {"podSelector": {"matchLabels": {"app.kubernetes.io/part-of": "um-platform"}}}
    ports = [{"protocol": "TCP", "port": PORT}]
    policies["content"]["spec"]["egress"].append({"to": [pods], "ports": ports})
    policies["notification-callers"]["spec"]["ingress"].append({"from": [pods], "ports": ports})


@pytest.mark.parametrize(
    "harm",
    [
        lambda policies: policies["people-callers"]["spec"]["ingress"].clear(),
        lambda policies: policies["portal"]["spec"]["egress"].clear(),
        open_to_content,
    ],
)
def test_a_wrong_policy_is_seen(harm: Callable[[dict[str, Manifest]], None]) -> None:
    broken = manifests()
    harm(of_kind(broken, "NetworkPolicy"))
    assert connections(broken) != needed()
