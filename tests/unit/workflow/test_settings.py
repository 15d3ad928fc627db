"""A payload key that is none is refused at start, by name and without showing it."""

import base64

import pytest
from pydantic import ValidationError

from workflow_service.settings import Temporal

GOOD = base64.urlsafe_b64encode(bytes(32)).decode()


def test_a_key_of_32_bytes_is_taken() -> None:
    assert Temporal(address="x:1", payload_key=GOOD).payload_key.get_secret_value() == GOOD  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["", "secret-but-short", GOOD[:-1], "å" * 43 + "="])
def test_other_keys_are_refused_without_showing_them(key: str) -> None:
    with pytest.raises(ValidationError, match="must be 32 bytes in URL-safe base64") as caught:
        Temporal(address="x:1", payload_key=key)  # type: ignore[arg-type]
    (error,) = caught.value.errors(include_input=False, include_context=False)
    assert error["loc"] == ("payload_key",)
    assert "secret-but-short" not in error["msg"]
