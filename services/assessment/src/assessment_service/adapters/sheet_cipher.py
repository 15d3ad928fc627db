"""Sheets under AES-256-GCM (NIST SP 800-38D) with the round's key and a fresh 96-bit nonce.

Bound to round and person: a sealed sheet moved to another row does not open.
"""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assessment_service.application.ports import UnreadableRoundError
from assessment_service.domain.participation import RoundSecrets

_NONCE_BYTES = 12


class AesGcmSheetCipher:
    """The port `SheetCipher`. Sealed form: nonce, ciphertext, 16-byte tag."""

    def seal(self, secrets: RoundSecrets, round_id: UUID, key: bytes, sheet: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(secrets.sheets).encrypt(nonce, sheet, round_id.bytes + key)

    def unseal(self, secrets: RoundSecrets, round_id: UUID, key: bytes, sealed: bytes) -> bytes:
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(secrets.sheets).decrypt(nonce, ciphertext, round_id.bytes + key)
        except (InvalidTag, ValueError) as error:  # ValueError: too short for a nonce
            raise UnreadableRoundError(f"a sheet of round {round_id} does not decrypt") from error
