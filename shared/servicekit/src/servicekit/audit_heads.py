"""Signs the end of the audit trail at intervals, and publishes it.

A signed end vouches for every line before it: with it on a topic and in the log, whoever can write
to the database cannot change its past unseen.
"""

import hashlib
import logging
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.registry import EVENTS
from servicekit import outbox
from servicekit.settings import Audit

log = logging.getLogger(__name__)

_ALGORITHM = "Ed25519"  # RFC 9864
_CLAIM = text("""
    with last as (select seq, hash from audit_lines order by seq desc limit 1),
    signed as (
        insert into audit_heads (seq) select seq from last on conflict do nothing
        returning seq, signed_at
    )
    select last.seq, last.hash, signed.signed_at from last join signed using (seq)
""")
_RETIRE = text("select audit_retire(:keep_days)")


class Head(BaseModel):
    """What is signed."""

    service: str
    seq: int
    hash: str
    signed_at: datetime


class HeadSigner:
    """Signs with the first key; verifies what any of them has signed. Needs one at least."""

    def __init__(self, secrets: Sequence[SecretStr]) -> None:
        self._keys = [_key(secret.get_secret_value()) for secret in secrets]

    @property
    def public_keys(self) -> list[dict[str, Any]]:
        """As JWKs (RFC 8037), newest first."""
        return [{**key.as_dict(private=False), "kid": key.thumbprint()} for key in self._keys]

    def sign(self, head: Head) -> str:
        """A JWS in compact form."""
        header = {"alg": _ALGORITHM, "kid": self._keys[0].thumbprint()}
        payload = head.model_dump_json().encode()
        return jws.serialize_compact(header, payload, self._keys[0], algorithms=[_ALGORITHM])

    def verified(self, signature: str) -> Head | None:
        """What was signed; None if it was not signed by any of the keys."""
        for key in self._keys:
            try:
                found = jws.deserialize_compact(signature, key, algorithms=[_ALGORITHM])
                return Head.model_validate_json(found.payload)
            except (JoseError, ValueError, ValidationError):
                continue
        return None


def _key(secret: str) -> OKPKey:
    seed = hashlib.sha256(b"audit\n" + secret.encode()).digest()
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "d": urlsafe_b64encode(seed).decode().rstrip("="),
            "x": urlsafe_b64encode(public).decode().rstrip("="),
        }
    )


async def sign_end(engine: AsyncEngine, service: str, source: str, settings: Audit) -> None:
    """Sign and publish the last line if it was not yet, and delete lines that are too old."""
    async with engine.begin() as connection:
        await connection.execute(_RETIRE, {"keep_days": settings.keep_days})
        if not settings.signing_keys:
            return
        row = (await connection.execute(_CLAIM)).one_or_none()
        if row is None:
            return
        head = Head(service=service, seq=row.seq, hash=row.hash, signed_at=row.signed_at)
        signature = HeadSigner(settings.signing_keys).sign(head)
        event_class = EVENTS[f"{service}.audit.head_signed.v1"]
        event = event_class.model_validate({**head.model_dump(), "signature": signature})
        await outbox.write(connection, [outbox.Recorded(event)], source)
    log.info("audit trail up to line %s: %s", head.seq, signature)
