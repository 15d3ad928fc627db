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


def settings(tmp_path: Path, *providers: dict[str, Any], **changes: Any) -> Settings:
    chosen: dict[str, Any] = {
        "environment": "production",
        "db": {"dsn": "postgresql://app@localhost/people"},
        "kafka": {"bootstrap_servers": "localhost:9092"},
        "http": {"port": 1},
        "auth": {"issuer": "https://people.example.se"},
        "tokens": {"keys_directory": tmp_path},
        "providers": list(providers),
        "audit": {"signing_keys": ["a-sample-key-of-more-than-32-characters"]},
        "sign_in_codes": {"portal_url": "https://portal.example.se"},
    }
    return Settings(**(chosen | changes))


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
        ({"group_roles": {"admins": "administrator"}}, "name the claim of region"),
        ({"roles_without_person": ["approver"]}, "roles_without_person"),
        ({"token_issuers": ["HTTPS://people.example.se/"]}, "not exchanged again"),
        ({"audiences": []}, "audiences"),
        ({"name": "Region"}, "name"),
        ({"person_claim": "sub", "hsa_claim": "employeeHsaId"}, "not both"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_a_wrong_provider_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(tmp_path, PROVIDER | changes)


def test_no_provider_is_named_twice(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="each issuer once"):
        settings(tmp_path, PROVIDER, {**PROVIDER, "name": "again"})
    for mixed_up in ("https://idp.example.se/", "https://IDP.example.se"):
        with pytest.raises(ValidationError, match="each issuer once"):
            settings(tmp_path, PROVIDER, {**PROVIDER, "name": "again", "issuer": mixed_up})
    other = {**PROVIDER, "name": "other", "issuer": "https://other.example.se"}
    with pytest.raises(ValidationError, match="each issuer once"):
        settings(tmp_path, PROVIDER, {**other, "token_issuers": [PROVIDER["issuer"]]})
    with pytest.raises(ValidationError, match="each name once"):
        settings(tmp_path, PROVIDER, {**PROVIDER, "issuer": "https://other.example.se"})
    with pytest.raises(ValidationError, match="providers"):
        settings(tmp_path)


def test_scim_is_off_and_trusts_nobody_unless_told(tmp_path: Path) -> None:
    scim = settings(tmp_path, PROVIDER).scim
    assert (scim.enabled, scim.token_sha256, scim.roles, scim.group_roles) == (False, [], [], {})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"token_sha256": ["a token itself"]}, "token_sha256"),
        ({"roles": ["approver"]}, "roles"),
        ({"roles": ["deputy"]}, "roles"),
        ({"roles": ["service"]}, "roles"),
        ({"group_roles": {"g": {"role": "provisioner"}}}, "group_roles"),
        ({"group_roles": {"g": {"role": "manager"}}}, "needs a unit"),
        ({"group_roles": {"g": {"role": "auditor", "unit": "rehab"}}}, "has no unit"),
        ({"group_roles": {"g": {"role": "manager", "unit": "A B"}}}, "unit"),
        ({"person_id": "id"}, "person_id"),
    ],
)
def test_a_wrong_setting_of_scim_is_named(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(tmp_path, PROVIDER, scim=changes)


def test_printed_codes_lead_to_a_portal_with_tls(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="PORTAL_URL"):
        settings(tmp_path, PROVIDER, sign_in_codes={})
