"""Settings with which no process starts. The error names the setting and shows no secret."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from people_service.settings import Settings

PROVIDER: dict[str, Any] = {
    "name": "region",
    "issuer": "https://idp.example.se",
    "audiences": ["um-platform"],
}


def settings(tmp_path: Path, *providers: dict[str, Any]) -> Settings:
    return Settings(
        environment="production",
        db={"dsn": "postgresql://app@localhost/people"},
        kafka={"bootstrap_servers": "localhost:9092"},
        http={"port": 1},
        auth={"issuer": "https://people.example.se"},
        tokens={"keys_directory": tmp_path},
        providers=list(providers),
    )


def test_several_providers_are_accepted(tmp_path: Path) -> None:
    other = {**PROVIDER, "name": "other", "issuer": "https://other.example.se"}
    assert len(settings(tmp_path, PROVIDER, other).providers) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"issuer": "http://idp.example.se"}, "must be https"),
        ({"issuer": "https://people.example.se/"}, "not exchanged again"),
        ({"group_roles": {"admins": "king"}}, "group_roles"),
        ({"group_roles": {"admins": "manager"}}, "group_roles"),
        ({"client_roles": {"portal": "administrator"}}, "client_roles"),
        ({"audiences": []}, "audiences"),
        ({"name": "Region"}, "name"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_a_wrong_provider_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(tmp_path, PROVIDER | changes)


def test_no_provider_is_named_twice(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="each issuer once"):
        settings(tmp_path, PROVIDER, {**PROVIDER, "name": "again"})
    with pytest.raises(ValidationError, match="each name once"):
        settings(tmp_path, PROVIDER, {**PROVIDER, "issuer": "https://other.example.se"})
    with pytest.raises(ValidationError, match="providers"):
        settings(tmp_path)
