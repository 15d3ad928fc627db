"""An issuer's public keys (OpenID Connect Discovery, RFC 7517), and tokens signed with them."""

import asyncio
import base64
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import DictKey, JWKRegistry, Key, KeySet

from servicekit import bounded_answer

log = logging.getLogger(__name__)

_ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"]
_KEYS_TTL_SECONDS = 300
_KEYS_KEPT_SECONDS = 3600
_REFETCH_COOLDOWN_SECONDS = 5
_RETRY_SECONDS = 1
_REMEMBERED = 10_000  # tokens; about 2 kB each, for as long as the keys are not fetched anew
_ANSWER_SECONDS = 5
_FETCH_SECONDS = 7  # metadata and keys
_FETCH_ERRORS = (*bounded_answer.NO_ANSWER, *bounded_answer.NOT_AS_EXPECTED)


class KeysUnavailable(Exception):
    """The issuer does not answer, and its keys are not known or too old."""


class IssuerKeys:
    """Keys are cached; when the issuer is down they are trusted for an hour."""

    def __init__(
        self,
        issuer: str,
        client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`clock` counts seconds and never goes back."""
        self._issuer = issuer.rstrip("/")
        self._client = client or httpx.AsyncClient(timeout=_ANSWER_SECONDS)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._keys: KeySet | None = None
        # A signature that these keys have verified, by the token's digest.
        self._verified: dict[bytes, jwt.Token] = {}
        self._fetched_at = self._tried_at = float("-inf")

    async def decode(self, token: str) -> jwt.Token:
        """The token, whose signature is right; its claims are not looked at.

        Raises JoseError or ValueError for any other token, and KeysUnavailable.
        """
        keys = self._keys
        if keys is None or not self._lock.locked():  # During a fetch, the old keys are used.
            keys = await self._current_keys(self._clock() - _KEYS_TTL_SECONDS)
        seen = _digest(token)
        if (verified := self._verified.get(seen)) is not None:
            return verified
        try:
            verified = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # Perhaps the issuer has a new key; ask again, but not for every bad token.
            newer = await self._current_keys(self._clock() - _REFETCH_COOLDOWN_SECONDS)
            if newer is keys:
                raise
            keys = newer
            verified = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        if keys is self._keys:
            if len(self._verified) >= _REMEMBERED:
                del self._verified[next(iter(self._verified))]  # the oldest
            self._verified[seen] = verified
        return verified

    def verified(self, token: str) -> jwt.Token | None:
        """The token, if its signature was verified before."""
        return self._verified.get(_digest(token))

    def forget_expired(self) -> int:
        """Forget tokens whose time is over; returns how many are left."""
        now = time.time()
        self._verified = {
            seen: token for seen, token in self._verified.items() if _ends_at(token) > now
        }
        return len(self._verified)

    async def _current_keys(self, fresh_after: float) -> KeySet:
        if self._keys is not None and self._fetched_at >= fresh_after:
            return self._keys
        async with self._lock:
            if self._keys is not None and self._fetched_at >= fresh_after:
                return self._keys
            cooldown = _RETRY_SECONDS if self._keys is None else _REFETCH_COOLDOWN_SECONDS
            if self._clock() - self._tried_at >= cooldown:
                try:
                    self._keys, self._fetched_at = await self._fetch(), self._clock()
                    self._verified = {}
                except _FETCH_ERRORS as error:
                    log.warning("cannot fetch the issuer's keys: %s", type(error).__name__)
                    if self._clock() - self._fetched_at > _KEYS_KEPT_SECONDS:
                        self._keys, self._verified = None, {}
                self._tried_at = self._clock()
            if self._keys is None:
                raise KeysUnavailable(self._issuer)
            return self._keys

    async def _fetch(self) -> KeySet:
        async with asyncio.timeout(_FETCH_SECONDS):
            metadata = await self._json(f"{self._issuer}/.well-known/openid-configuration")
            if str(metadata.get("issuer")).rstrip("/") != self._issuer:
                raise ValueError("the metadata are another issuer's")  # OpenID Discovery, 4.3
            return _understood((await self._json(metadata["jwks_uri"]))["keys"])

    async def _json(self, url: str) -> Any:
        answer = await bounded_answer.ask(self._client, "GET", url, seconds=_ANSWER_SECONDS)
        return answer.raise_for_status().json()

    async def close(self) -> None:
        await self._client.aclose()


def _ends_at(token: jwt.Token) -> float:
    ends_at = token.claims.get("exp")
    return ends_at if isinstance(ends_at, int | float) else 0.0


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _understood(published: Iterable[DictKey]) -> KeySet:
    """The keys that verify signatures; others are ignored (RFC 7517, section 5).

    Raises ValueError if none is left.
    """
    keys: list[Key] = []
    for key in published:
        with suppress(Exception):  # joserfc and cryptography raise many kinds for an odd key
            keys.append(JWKRegistry.import_key(key))
    verifying = [key for key in keys if key.get("use") != "enc"]
    if not verifying:
        raise ValueError("no key that verifies")
    return KeySet(verifying)


def unverified_claims(token: str) -> dict[str, Any]:
    """The claims of a JWT as it says them, to find out who should have signed it.

    Raises ValueError if it is no JWT of claims.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("a signed JWT has three parts")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except RecursionError as error:
        raise ValueError("the claims are nested too deeply") from error
    if not isinstance(claims, dict):
        raise ValueError("the claims are no JSON object")
    return claims
