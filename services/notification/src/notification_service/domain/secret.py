"""Webhook secrets, derived and never stored: nobody can sign with a copy of the database.

A secret is HMAC-SHA256(signing key, subscription id | generation). Each subscription stores the
id of the signing key of its secret, so that a new key does not invalidate older secrets.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

_MIN_KEY_BYTES = 32


class SigningKeyMissing(LookupError):
    """The signing key of a secret is no longer configured."""


@dataclass(frozen=True, slots=True)
class SecretVersion:
    """Identifies a secret without revealing it."""

    generation: int
    key_id: str


@dataclass(frozen=True, slots=True)
class RetiredSecret:
    """A secret that was replaced and keeps signing until the time promised for it."""

    version: SecretVersion
    until: datetime


class Keyring:
    """The service's signing keys. New secrets use the first; existing ones can use any of them."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Raises ValueError if there is no key, or one shorter than 32 bytes."""
        if not keys or any(len(key) < _MIN_KEY_BYTES for key in keys):
            raise ValueError("at least one signing key of 32 bytes or more is needed")
        self._keys = {hashlib.sha256(key).hexdigest()[:12]: key for key in keys}
        self.current_id = next(iter(self._keys))

    def secret(self, subscription_id: UUID, version: SecretVersion) -> str:
        """The secret in the form that subscribers get, `whsec_...` (Standard Webhooks 1.0).

        Raises SigningKeyMissing.
        """
        if version.key_id not in self._keys:
            raise SigningKeyMissing(f"signing key {version.key_id} is not configured")
        name = f"{subscription_id}|{version.generation}".encode()
        digest = hmac.digest(self._keys[version.key_id], name, "sha256")
        return "whsec_" + base64.b64encode(digest).decode()
