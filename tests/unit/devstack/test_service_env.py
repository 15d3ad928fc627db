"""Every environment name that the local stack sets is a setting, and no required one is missing."""

import importlib
from pathlib import Path

import pytest

from devstack.credentials import CLIENTS
from devstack.options import ROLES, SERVICES
from devstack.servers.postgres import described
from devstack.service_env import migration_env, service_env

SECRETS = {
    **{
        f"{service}_{role}": "x" * 32 for service in SERVICES for role in ("owner", *ROLES[service])
    },
    "payload_key": "A" * 43 + "=",
    "session_key": "A" * 43 + "=",
    "webhook_signing_key": "w" * 40,
    **{f"kafka:{service}": f"k-{service}" for service in SERVICES},
    **{f"audit:{service}": "a" * 40 for service in SERVICES},
    **{f"client:{name}": "c" * 32 for name in CLIENTS},
}
SERVERS = {
    **described("postgresql://postgres:p@127.0.0.1:1/postgres", SECRETS, None).env,
    **{f"{service.upper()}_URL": "http://127.0.0.1:2" for service in SERVICES},
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:3",
    "TEMPORAL_ADDRESS": "127.0.0.1:4",
    "ISSUER_URL": "http://127.0.0.1:5",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_PORT": "6",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:7",
}
PROCESSES = [(service, role) for service in SERVICES for role in ROLES[service]]


@pytest.mark.parametrize(("service", "role"), PROCESSES)
@pytest.mark.parametrize("accounts", [True, False])
def test_the_service_accepts_its_environment(
    service: str, role: str, accounts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = tmp_path / "ca.pem"
    ca.touch()
    broker = {"KAFKA_ACCOUNTS_SERVERS": "127.0.0.1:9", "KAFKA_ACCOUNTS_CA_FILE": str(ca)}
    servers = {**SERVERS, **broker} if accounts else SERVERS
    env = service_env(service, role, 8, servers, SECRETS, tmp_path)
    assert f"{service}_{role}:" in env[f"{service.upper()}_DB__DSN"]
    assert env.get(f"{service.upper()}_KAFKA__SASL_USERNAME") == (service if accounts else None)
    env = migration_env(service, env, SERVERS)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    settings = importlib.import_module(f"{service}_service.settings").Settings()
    for name in env:
        place = settings
        for step in name.partition("_")[2].lower().split("__"):
            assert hasattr(place, step), f"{name} is not a setting"
            place = getattr(place, step)


@pytest.mark.parametrize(("service", "role"), PROCESSES)
def test_only_the_migration_gets_the_owner(service: str, role: str, tmp_path: Path) -> None:
    env = service_env(service, role, 8, SERVERS, SECRETS, tmp_path)
    assert not any("_owner" in value for value in env.values())
    owner = migration_env(service, env, SERVERS)[f"{service.upper()}_DB__MIGRATION_DSN"]
    assert f"{service}_owner" in owner
