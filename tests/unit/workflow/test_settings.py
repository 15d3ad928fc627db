"""What cannot be right about Temporal is refused at start, by name and without showing secrets."""

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from workflow_service.settings import Temporal

GOOD = base64.urlsafe_b64encode(bytes(32)).decode()


def test_a_key_of_32_bytes_is_taken() -> None:
    (key,) = Temporal(address="x:1", payload_keys=(GOOD,)).payload_keys
    assert key.get_secret_value() == GOOD


@pytest.mark.parametrize("key", ["", "secret-but-short", GOOD[:-1], "å" * 43 + "="])
def test_other_keys_are_refused_without_showing_them(key: str) -> None:
    with pytest.raises(ValidationError, match="must be 32 bytes in URL-safe base64") as caught:
        Temporal(address="x:1", payload_keys=(GOOD, key))
    (error,) = caught.value.errors(include_input=False, include_context=False)
    assert error["loc"] == ("payload_keys",)
    assert "secret-but-short" not in error["msg"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tls": True, "tls_cert_file": __file__}, "go together"),
        ({"tls_ca_file": __file__}, "need TLS=true"),
        ({"api_key": "x"}, "need TLS=true"),
        ({"tls": True, "tls_ca_file": "/no/such.pem"}, "does not point to a file"),
    ],
)
def test_a_way_to_temporal_is_whole_or_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Temporal(address="x:1", payload_keys=(GOOD,), **given)
