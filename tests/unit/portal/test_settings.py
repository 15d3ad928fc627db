"""Settings that would make the portal unsafe are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from portal_service.settings import Settings
from unit.portal.portal import settings


def changed(**changes: Any) -> Settings:
    plain = settings().model_dump()
    plain["sessions"]["keys"] = [key.get_secret_value() for key in plain["sessions"]["keys"]]
    plain["db"]["dsn"] = plain["db"]["dsn"].get_secret_value()
    return Settings.model_validate({**plain, **changes})


@pytest.mark.parametrize(
    "url",
    ["portal.example.se", "https://portal.example.se/um", "ftp://x", "https://x?y", "https://"],
)
def test_the_public_address_is_an_origin(url: str) -> None:
    with pytest.raises(ValidationError, match="a scheme, a host"):
        changed(public_url=url)


def test_a_slash_at_the_end_of_the_public_address_is_left_out() -> None:
    assert changed(public_url="https://portal.example.se:8443/").public_url.endswith(":8443")


@pytest.mark.parametrize("keys", [[], ["short"], ["a" * 45]])
def test_keys_of_sessions_have_32_bytes(keys: list[str]) -> None:
    with pytest.raises(ValidationError):
        changed(sessions={"keys": keys})


@pytest.mark.parametrize(
    "sessions", [{"idle_minutes": 1}, {"idle_minutes": 10_000}, {"longest_hours": 48}]
)
def test_sessions_end(sessions: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        changed(sessions={"keys": ["a" * 44], **sessions})


@pytest.mark.parametrize(
    "change",
    [
        {"public_url": "http://portal.example.se"},
        {"sign_in": {"issuer": "http://idp.example.se"}},
    ],
)
def test_production_is_https(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="https"):
        changed(environment="production", **change)


def test_production_has_an_address_for_reports_of_barriers() -> None:
    assert changed(environment="production").accessibility_contact
    with pytest.raises(ValidationError, match="ACCESSIBILITY_CONTACT"):
        changed(environment="production", accessibility_contact="")
