"""Sheets under AES-256-GCM (NIST SP 800-38D) with the round's key and a fresh 96-bit nonce.

Bound to round and person: a sealed sheet moved to another row does not open.
"""

import os
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assessment_service.domain.participation import RoundSecrets

_NONCE_BYTES = 12


class AesGcmSheetCipher:
    """The port `SheetCipher`. Sealed form: nonce, ciphertext, 16-byte tag."""

    def seal(self, secrets: RoundSecrets, round_id: UUID, key: bytes, sheet: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(secrets.sheets).encrypt(nonce, sheet, round_id.bytes + key)

    def unseal(self, secrets: RoundSecrets, round_id: UUID, key: bytes, sealed: bytes) -> bytes:
        """Raises cryptography.exceptions.InvalidTag for a sheet that is not the one sealed."""
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return AESGCM(secrets.sheets).decrypt(nonce, ciphertext, round_id.bytes + key)
