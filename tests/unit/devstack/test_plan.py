"""What the issuer learns about the portal, and Prometheus about the processes."""

import json
from pathlib import Path

import pytest

from devstack.credentials import CLIENTS
from devstack.options import Layout, StackOptions
from devstack.plan import PORT_NAMES, Plan
from devstack.service_env import PROCESSES


def issuer_env(directory: Path, **environment: str) -> dict[str, str]:
    ports = {name: 20_000 + number for number, name in enumerate(PORT_NAMES)}
    secrets = {f"client:{name}": "s" for name in CLIENTS}
    options = StackOptions(directory, service_environment=environment)
    plan = Plan(Layout(directory), options, ports, secrets, docker=False)
    assert plan.service_urls()["PORTAL_URL"] == f"http://127.0.0.1:{ports['portal-web']}"
    spec = plan.server("issuer", lambda name, line: None).spec
    assert spec is not None
    return {**spec.env, "portal": plan.service_urls()["PORTAL_URL"]}


def test_the_issuer_knows_the_portal(tmp_path: Path) -> None:
    env = issuer_env(tmp_path)
    assert env["ISSUER_REDIRECT_URI"] == f"{env['portal']}/sign-in/answer"
    assert env["ISSUER_BACKCHANNEL_LOGOUT_URI"] == f"{env['portal']}/sign-out/provider"


def test_a_public_address_of_the_portal_is_for_browsers_only(tmp_path: Path) -> None:
    env = issuer_env(tmp_path, PORTAL_PUBLIC_URL="https://portal.example.se/")
    assert env["ISSUER_REDIRECT_URI"] == "https://portal.example.se/sign-in/answer"
    assert env["ISSUER_BACKCHANNEL_LOGOUT_URI"] == f"{env['portal']}/sign-out/provider"


def test_prometheus_runs_if_asked_for_and_scrapes_every_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devstack.servers.prometheus.program", lambda *_: "prometheus")
    ports = {name: 20_000 + number for number, name in enumerate(PORT_NAMES)}
    plan = Plan(Layout(tmp_path), StackOptions(tmp_path, metrics=True), ports, {}, docker=False)
    assert plan.server_names[-1] == "prometheus"
    spec = plan.server("prometheus", lambda name, line: None).spec
    assert spec is not None
    assert spec.before is not None
    spec.before()
    targets = json.loads((tmp_path / "data" / "prometheus" / "targets.json").read_text())
    assert {"targets": [f"127.0.0.1:{ports['content-worker']}"]} | {
        "labels": {"service": "content", "role": "worker"}
    } in targets
    assert len(targets) == len(PROCESSES)


def test_prometheus_does_not_run_otherwise(tmp_path: Path) -> None:
    plan = Plan(Layout(tmp_path), StackOptions(tmp_path), {}, {}, docker=False)
    assert "prometheus" not in plan.server_names
