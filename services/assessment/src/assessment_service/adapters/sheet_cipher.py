"""Sheets under HPKE (RFC 9180, base mode): X25519, HKDF-SHA256, AES-128-GCM.

Whoever has the public key can seal a sheet, and only the private key opens it. Bound to round and
person: a sealed sheet moved to another row does not open.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from assessment_service.adapters.sheet_reader import Sent, read_in_helpers
from assessment_service.application.sealing_ports import SealedSheet, UnreadableRoundError

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


class HpkeSealer:
    """The port `SheetSealer`. Sealed form: encapsulated key, ciphertext, 16-byte tag."""

    def seal(self, public_key: bytes, round_id: UUID, key: bytes, sheet: bytes) -> bytes:
        return SUITE.encrypt(sheet, _recipient(public_key), _info(round_id.bytes, key))


class HpkeOpener:
    """The port `SheetOpener`."""

    def __init__(self, private_key: bytes) -> None:
        self._private_key = X25519PrivateKey.from_private_bytes(private_key)

    def open(self, round_id: UUID, key: bytes, sealed: bytes) -> bytes:
        return self._open(round_id.bytes, key, sealed)

    async def read(
        self,
        first: Sequence[SealedSheet],
        more: AsyncIterator[Sequence[SealedSheet]],
        reader: Callable[[bytes], bytes],
    ) -> AsyncIterator[tuple[UUID, bytes]]:
        def work(batch: Sent) -> list[bytes]:
            return [reader(self._open(*one)) for one in batch]

        for round_id, key, sealed in first:
            yield round_id, reader(self.open(round_id, key, sealed))
        async for found in read_in_helpers(work, more):
            yield found

    def _open(self, round_id: bytes, key: bytes, sealed: bytes) -> bytes:
        try:
            return SUITE.decrypt(sealed, self._private_key, _info(round_id, key))
        except (InvalidTag, ValueError) as error:  # ValueError: too short
            which = UUID(bytes=round_id)
            raise UnreadableRoundError(f"a sheet of round {which} does not open") from error


@lru_cache
def _recipient(public_key: bytes) -> X25519PublicKey:
    return X25519PublicKey.from_public_bytes(public_key)


def _info(round_id: bytes, key: bytes) -> bytes:
    return b"assessment sheet" + round_id + key
