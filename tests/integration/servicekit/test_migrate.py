"""`migrate` where no server answers: a sentence, not a traceback, and no password."""

import sys

import pytest

from servicekit.runtime import service_main
from servicekit.settings import ServiceSettings, service_config
from support.apps import MIGRATIONS

# Port 9 (discard) is closed: nothing on this machine listens there.
ENVIRONMENT = {
    "SAMPLE_ENVIRONMENT": "test",
    "SAMPLE_DB__DSN": "postgresql://app:hunter2@127.0.0.1:9/sample",
    "SAMPLE_DB__MIGRATION_DSN": "postgresql://owner:hunter2@127.0.0.1:9/sample",
    "SAMPLE_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9",
    "SAMPLE_HTTP__PORT": "8000",
    "SAMPLE_AUTH__ISSUER": "http://127.0.0.1:9",
}


class Settings(ServiceSettings):
    model_config = service_config("SAMPLE_")


def test_migrating_without_a_server_says_so_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["sample", "migrate"])
    with pytest.raises(SystemExit) as ended:
        service_main("sample", Settings, lambda _: pytest.fail("was built"), MIGRATIONS)
    assert str(ended.value.code).startswith("migrate: ConnectionRefusedError")
    assert "hunter2" not in str(ended.value.code)
