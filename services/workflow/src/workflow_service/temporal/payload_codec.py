"""Encrypts everything the workflows pass through Temporal: AES-256-GCM, a fresh nonce per payload.

Temporal stores payloads as they are; its operators and its web UI need not read rollouts. Failure
texts are encrypted too (data_converter). There is one key: each payload names the one it was
encrypted with, so that a payload of another key is reported as such.
"""

import base64
import hashlib
import os
from collections.abc import Sequence

import temporalio.converter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes

_ENCODING = b"binary/aes-256-gcm"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class PayloadUnreadable(Exception):
    """The payload was encrypted with another key, or changed."""


class EncryptionCodec(temporalio.converter.PayloadCodec):
    """`key`: 32 bytes in URL-safe base64. Raises ValueError for anything else."""

    def __init__(self, key: str) -> None:
        try:
            raw = base64.urlsafe_b64decode(key)
        except ValueError as error:
            raise ValueError("the payload key is not URL-safe base64") from error
        if len(raw) != _KEY_BYTES:
            raise ValueError(f"the payload key has {len(raw)} bytes; it must have {_KEY_BYTES}")
        self._cipher = AESGCM(raw)
        self._key_id = hashlib.sha256(raw).hexdigest()[:16].encode()

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, payload.SerializeToString(), self._key_id)
        metadata = {"encoding": _ENCODING, "key": self._key_id}
        return Payload(metadata=metadata, data=nonce + sealed)

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != _ENCODING:
            return payload
        if payload.metadata.get("key") != self._key_id:
            raise PayloadUnreadable("the payload was encrypted with another key")
        nonce, sealed = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        try:
            return Payload.FromString(self._cipher.decrypt(nonce, sealed, self._key_id))
        except InvalidTag as error:
            raise PayloadUnreadable("the payload was changed") from error


def data_converter(key: str) -> DataConverter:
    """JSON by pydantic, encrypted, failures included."""
    return DataConverter(
        payload_converter_class=PydanticPayloadConverter,
        payload_codec=EncryptionCodec(key),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
