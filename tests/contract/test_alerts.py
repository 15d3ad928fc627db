"""Alert rules: valid, tested by promtool, about metrics that exist, each with a runbook."""

import copy
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from devstack.backup.report import COMPLETED
from devstack.debian_package import program
from devstack.options import StackError
from devstack.service_env import PROCESSES
from support.stack import unavailable

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "infra" / "prometheus"
TESTS = Path(__file__).parent / "alerts"
Rule = dict[str, Any]
# What Prometheus itself adds, Python's own, and what a drill leaves for a textfile collector.
GIVEN = {"up", "ALERTS", "process_start_time_seconds", COMPLETED}


@pytest.fixture(scope="module")
def promtool() -> str:
    try:
        return program("prometheus", "promtool")
    except StackError as error:
        unavailable(str(error))
        raise


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules() -> Mapping[str, Rule]:
    groups = read(PROMETHEUS / "alerts.yml")["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def cases() -> Iterator[Rule]:
    for path in sorted(TESTS.glob("*.yml")):
        for case in read(path)["tests"]:
            yield from case["alert_rule_test"]


def metrics() -> set[str]:
    """Every name that a scrape may have, by the generated reference."""
    lines = (ROOT / "docs" / "generated" / "metrics.md").read_text(encoding="utf-8").splitlines()
    found = set(GIVEN)
    for line in lines:
        if match := re.match(r"\| `(\w+)` \| (\w+) \|", line):
            name, kind = match.groups()
            parts = ("_bucket", "_count", "_sum") if kind == "histogram" else ("",)
            found |= {name + part for part in parts}
    return found


def named_in(query: str) -> set[str]:
    """The metrics of a PromQL query: words that are neither labels, functions nor in quotes."""
    bare = re.sub(r'"[^"]*"', "", query)
    bare = re.sub(r"\b(by|on|without|ignoring)\s*\([^)]*\)|\[[^]]*\]", "", bare)
    bare = re.sub(r"\{[^}]*\}", "", bare)
    words = set(re.findall(r"\b[a-zA-Z_]\w*\b(?!\s*\()", bare))
    return words - {"unless", "and", "or", "by", "bool", "sum", "min", "max", "topk"}


def faults(rule: Rule) -> Iterator[str]:
    if rule["labels"].get("severity") not in ("page", "ticket"):
        yield "severity"
    if not rule["annotations"].get("summary"):
        yield "summary"
    path, _, anchor = rule["annotations"].get("runbook_url", "").partition("#")
    page = ROOT / path
    titles = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.M) if path else []
    if anchor not in {title.lower().replace(" ", "-") for title in titles}:
        yield "runbook"
    if unknown := named_in(rule["expr"]) - metrics():
        yield f"unknown metrics {unknown}"


def test_promtool_accepts_the_configuration(promtool: str) -> None:
    subprocess.run([promtool, "check", "config", PROMETHEUS / "prometheus.yml"], check=True)


@pytest.mark.parametrize("path", sorted(TESTS.glob("*.yml")), ids=lambda path: path.stem)
def test_every_rule_does_what_its_test_says(promtool: str, path: Path) -> None:
    done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_is_seen_firing_and_silent() -> None:
    firing = {case["alertname"] for case in cases() if case["exp_alerts"]}
    silent = {case["alertname"] for case in cases() if not case["exp_alerts"]}
    assert firing == silent == set(rules())


@pytest.mark.parametrize("name", rules())
def test_every_rule_can_be_acted_upon(name: str) -> None:
    assert list(faults(rules()[name])) == []


def test_a_rule_without_them_is_found() -> None:
    rule = copy.deepcopy(rules()["ProcessDown"])
    rule["labels"], rule["expr"] = {}, 'sum by (service) (rate(down{service="up"}[5m])) == 0'
    rule["annotations"] = {"runbook_url": "docs/runbooks/alerts.md#nowhere"}
    assert list(faults(rule)) == ["severity", "summary", "runbook", "unknown metrics {'down'}"]


def test_every_section_of_the_runbook_is_an_alert() -> None:
    page = (ROOT / "docs" / "runbooks" / "alerts.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", page, re.M) == list(rules())


def test_the_targets_are_the_processes() -> None:
    listed = [
        f"{one['labels']['service']}-{one['labels']['role']}"
        for one in read(PROMETHEUS / "targets.json")
    ]
    assert sorted(listed) == sorted(PROCESSES)


def test_every_dashboard_asks_for_metrics_that_exist() -> None:
    for path in sorted((ROOT / "infra" / "grafana").glob("*.json")):
        for panel in read(path)["panels"]:
            for target in panel["targets"]:
                given = {"process_resident_memory_bytes", "process_cpu_seconds_total"}
                assert named_in(target["expr"]) <= metrics() | given, panel["title"]
