"""The keys that sign the platform's tokens: JWK files in a folder, which only this service reads.

A new key is published before it signs, so that every service knows it by then; an old one stays
published until no token of its is valid. RSA, because each request verifies and few sign.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import DictKey, RSAKey

_BITS = 2048
_SIGNS_AFTER_SECONDS = 900  # Services fetch the keys anew after 300.
_SIGNS_SECONDS = 30 * 24 * 3600
_READ_AGAIN_SECONDS = 30


class FolderSigningKeys:
    """The port `TokenSigner`. Several processes may share the folder."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """`clock` counts seconds since 1970, as the names of the files do."""
        self._folder, self._clock = folder, clock
        self._keys: list[tuple[int, RSAKey]] = []
        self._read_at = float("-inf")

    def sign(self, claims: Mapping[str, Any]) -> str:
        keys = self._current()
        ready = [key for made_at, key in keys if made_at <= self._clock() - _SIGNS_AFTER_SECONDS]
        key = ready[-1] if ready else keys[0][1]
        header = {"alg": "RS256", "kid": key.kid, "typ": "at+jwt"}
        return jwt.encode(header, dict(claims), key)

    def published(self) -> list[DictKey]:
        """The public keys, as a JWKS lists them."""
        more = {"alg": "RS256", "use": "sig"}
        return [{**key.as_dict(private=False), **more} for _, key in self._current()]

    def rotate(self, *, early: bool = False) -> None:
        """Make a key if the newest will sign no longer, and remove those that sign no more.

        `early`: make one in any case.
        """
        now, keys = self._clock(), self._read()
        if early or not keys or keys[-1][0] < now - _SIGNS_SECONDS:
            self._make(int(now))
        for made_at, key in keys[:-1]:
            if made_at < now - 2 * _SIGNS_SECONDS:
                self._file(made_at, key).unlink(missing_ok=True)
        self._read_at = float("-inf")

    def _current(self) -> list[tuple[int, RSAKey]]:
        if self._clock() - self._read_at > _READ_AGAIN_SECONDS or not self._keys:
            self._keys, self._read_at = self._read(), self._clock()
            if not self._keys:
                self.rotate()
                self._keys = self._read()
        return self._keys

    def _read(self) -> list[tuple[int, RSAKey]]:
        """The keys with the time they were made, the oldest first."""
        found = []
        for file in self._folder.glob("*.json"):
            key = RSAKey.import_key(json.loads(file.read_text(encoding="utf-8")))
            found.append((int(file.name.partition("-")[0]), key))
        return sorted(found, key=lambda made: made[0])

    def _make(self, now: int) -> None:
        """Write a new key. Raises OSError if the folder cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = RSAKey.generate_key(_BITS, auto_kid=True)
        target = self._file(now, key)
        new = target.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(key.as_dict(private=True), file)
            file.flush()
            os.fsync(descriptor)
        new.rename(target)

    def _file(self, made_at: int, key: RSAKey) -> Path:
        return self._folder / f"{made_at}-{key.thumbprint()[:16]}.json"
