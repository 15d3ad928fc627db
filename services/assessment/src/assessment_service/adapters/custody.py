"""Key pairs of releases, whole or in two shares.

With a custodian, the private key is split when it is made: one share stays with the platform, the
other is sealed to the custodian's own key, which is never on the platform. Neither says anything
about the key (one-time pad). A share is of one release and useless once that is out.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from assessment_service.adapters.sheet_cipher import SUITE


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new key pair: the private key, or the platform's share of it, never leaves the process
    that makes it. `envelope` is the custodian's share, sealed; None without a custodian."""

    public_key: bytes
    private: bytes
    envelope: bytes | None


def make(release_id: UUID, custodian: bytes | None) -> NewKey:
    """A key pair, split if there is a custodian, whose public key (X25519, 32 bytes) this is."""
    pair = X25519PrivateKey.generate()
    public, private = pair.public_key().public_bytes_raw(), pair.private_bytes_raw()
    if custodian is None:
        return NewKey(public, private, None)
    ours = secrets.token_bytes(len(private))
    recipient = X25519PublicKey.from_public_bytes(custodian)
    return NewKey(public, ours, SUITE.encrypt(joined(ours, private), recipient, _info(release_id)))


def open_envelope(envelope: bytes, custodian_key: bytes, release_id: UUID) -> bytes:
    """The custodian's share, opened with the custodian's private key.

    Raises InvalidTag if the envelope is for another custodian or release.
    """
    key = X25519PrivateKey.from_private_bytes(custodian_key)
    return SUITE.decrypt(envelope, key, _info(release_id))


def joined(one: bytes, other: bytes) -> bytes:
    """The private key from its two shares, or a share from the key and the other share."""
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def fits(private_key: bytes, public_key: bytes) -> bool:
    """Whether these are one pair."""
    own = X25519PrivateKey.from_private_bytes(private_key).public_key()
    return own.public_bytes_raw() == public_key


def _info(release_id: UUID) -> bytes:
    return b"custodian's share" + release_id.bytes
