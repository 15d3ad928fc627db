"""A wrong setting ends the process with the variable's name, and never shows a secret."""

import sys
from pathlib import Path

import pytest

from servicekit import kafka
from servicekit.runtime import service_main
from servicekit.settings import ServiceSettings, service_config

GOOD = {
    "SAMPLE_ENVIRONMENT": "test",
    "SAMPLE_DB__DSN": "postgresql://app:hunter2@localhost/sample",
    "SAMPLE_KAFKA__BOOTSTRAP_SERVERS": "localhost:9092",
    "SAMPLE_HTTP__PORT": "8000",
    "SAMPLE_AUTH__ISSUER": "http://localhost:9000",
}


class Settings(ServiceSettings):
    model_config = service_config("SAMPLE_")
    hosts: tuple[str, ...] = ()


def start(monkeypatch: pytest.MonkeyPatch, *arguments: str, **changes: str | None) -> object:
    """The exit code of a process with these settings, which never gets to build anything."""
    for name, value in {**GOOD, **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["sample", *arguments])
    with pytest.raises(SystemExit) as ended:
        service_main("sample", Settings, lambda _: pytest.fail("was built"), Path())
    return ended.value.code


def test_the_good_settings_are_good(monkeypatch):
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    assert Settings().http.port == 8000


WRONG = {
    "SAMPLE_DB__DSN": (None, "SAMPLE_DB: Field required"),
    "SAMPLE_HTTP__PORT": ("eighty", "SAMPLE_HTTP__PORT: Input should be a valid integer"),
    "SAMPLE_KAFKA__SESSION_TIMEOUT_MS": ("5", "SAMPLE_KAFKA__SESSION_TIMEOUT_MS: "),
    "SAMPLE_KAFKA__SSL_CA_FILE": ("/no/such.pem", "SAMPLE_KAFKA__SSL_CA_FILE: Path does not point"),
    "SAMPLE_KAFKA__SECURITY_PROTOCOL": (
        "SASL_SSL",
        "PROTOCOL=SASL_SSL needs SASL_USERNAME",
    ),
    "SAMPLE_KAFKA__SASL_PASSWORD": (
        "hunter2",
        "PROTOCOL=PLAINTEXT has no login",
    ),
    "SAMPLE_DB__POOL_SIZE": ("1", "SAMPLE_DB__POOL_SIZE: Input should be greater than or equal"),
    "SAMPLE_DB__POOLSIZE": ("5", "SAMPLE_DB__POOLSIZE: Extra inputs"),
    "SAMPLE_ENVIRONMENT": ("prod", "SAMPLE_ENVIRONMENT: Input should be 'local'"),
    "SAMPLE_HOSTS": ("127.0.0.1", "SAMPLE_HOSTS: not valid JSON"),
}


@pytest.mark.parametrize("variable", WRONG)
def test_a_wrong_setting_is_named(variable, monkeypatch, capsys):
    value, message = WRONG[variable]
    assert start(monkeypatch, "api", **{variable: value}) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "hunter2" not in said


def test_an_issuer_without_tls_is_refused_in_production(monkeypatch, capsys):
    assert start(monkeypatch, "api", SAMPLE_ENVIRONMENT="production") == 2
    said = capsys.readouterr().err
    assert said == "setting SAMPLE_AUTH__ISSUER: must be https in production\n"


@pytest.mark.parametrize("arguments", [[], ["worker", "migrate"], ["manager"]])
def test_wrong_roles_are_refused(arguments, monkeypatch, capsys):
    assert start(monkeypatch, *arguments) == 2
    assert "usage: python -m sample_service" in capsys.readouterr().err


def test_migrating_needs_the_owners_address(monkeypatch):
    assert "DB__MIGRATION_DSN" in str(start(monkeypatch, "migrate"))


OPERATOR = {
    "KAFKA_CLIENT_ID=x": "set KAFKA_BOOTSTRAP_SERVERS",
    "KAFKA_SECURITY_PROTOCOL=SASL_SSL": "KAFKA_SECURITY_PROTOCOL=SASL_SSL needs SASL_USERNAME",
    "KAFKA_SECURITY_PROTOCOL=TLS": "KAFKA_SECURITY_PROTOCOL: Input should be 'PLAINTEXT'",
}


@pytest.mark.parametrize("variable", OPERATOR)
def test_an_operators_command_says_what_is_wrong(variable, monkeypatch, capsys):
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setenv(*variable.split("="))
    at = ["--bootstrap-servers", "127.0.0.1:9"] if "PROTOCOL" in variable else []
    monkeypatch.setattr(sys, "argv", ["topics", *at])
    with pytest.raises(SystemExit) as ended:
        kafka.main()
    assert ended.value.code == 2
    assert OPERATOR[variable] in capsys.readouterr().err
