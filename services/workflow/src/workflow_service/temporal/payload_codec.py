"""Encrypts everything the workflows pass through Temporal: AES-256-GCM, a fresh nonce per payload.

Temporal stores payloads as they are; its operators and its web UI need not read rollouts. Failure
texts are encrypted too (data_converter). One key encrypts; each payload names the one it was
encrypted with, so that others can be known to read what is older.
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
    """The payload was encrypted with a key that is not known, or changed."""


class EncryptionCodec(temporalio.converter.PayloadCodec):
    """Keys are 32 bytes in URL-safe base64: `key` encrypts, it and `others` decrypt.

    Raises ValueError for anything else.
    """

    def __init__(self, key: str, *others: str) -> None:
        raw = [_raw(one) for one in (key, *others)]
        self._ciphers = {_id(one): AESGCM(one) for one in raw}
        self._key_id = _id(raw[0])

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._ciphers[self._key_id]
        sealed = cipher.encrypt(nonce, payload.SerializeToString(), self._key_id)
        metadata = {"encoding": _ENCODING, "key": self._key_id}
        return Payload(metadata=metadata, data=nonce + sealed)

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != _ENCODING:
            return payload
        key_id = payload.metadata.get("key", b"")
        if key_id not in self._ciphers:
            raise PayloadUnreadable("the payload was encrypted with a key that is not known")
        nonce, sealed = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        try:
            return Payload.FromString(self._ciphers[key_id].decrypt(nonce, sealed, key_id))
        except InvalidTag as error:
            raise PayloadUnreadable("the payload was changed") from error


def _raw(key: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(key)
    except ValueError as error:
        raise ValueError("the payload key is not URL-safe base64") from error
    if len(raw) != _KEY_BYTES:
        raise ValueError(f"the payload key has {len(raw)} bytes; it must have {_KEY_BYTES}")
    return raw


def _id(raw: bytes) -> bytes:
    return hashlib.sha256(raw).hexdigest()[:16].encode()


def data_converter(key: str, *others: str) -> DataConverter:
    """JSON by pydantic, encrypted, failures included. Keys as of `EncryptionCodec`."""
    return DataConverter(
        payload_converter_class=PydanticPayloadConverter,
        payload_codec=EncryptionCodec(key, *others),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
