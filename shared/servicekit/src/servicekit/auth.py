"""Who is asking: bearer tokens (RFC 9068 access tokens) verified against the issuer's JWKS."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import Annotated, Any

import httpx
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import DictKey, JWKRegistry, Key, KeySet

from servicekit.problems import ProblemError
from servicekit.settings import Auth

log = logging.getLogger(__name__)

_ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"]
_KEYS_TTL_SECONDS = 300
_KEYS_KEPT_SECONDS = 3600
_REFETCH_COOLDOWN_SECONDS = 5
_RETRY_SECONDS = 1
_LEEWAY_SECONDS = 10
_FETCH_ERRORS = (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError)

EVERY_UNIT = "*"

_bearer = HTTPBearer(auto_error=False, description="Access token of the OIDC issuer.")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role for a unit and all below it. `*` stands for every unit, None for no unit."""

    role: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller according to the token."""

    subject: str
    issuer: str
    assignments: frozenset[Assignment]

    def has(self, *roles: str) -> bool:
        """Whether the caller has any of these roles, for whatever unit."""
        return any(assignment.role in roles for assignment in self.assignments)

    def limited_to(self, *roles: str) -> "Principal":
        """The caller in these roles only: what other roles are held for does not count."""
        held = frozenset(a for a in self.assignments if a.role in roles)
        return replace(self, assignments=held)

    @property
    def units(self) -> frozenset[str]:
        """The units that the caller's roles are held for."""
        return frozenset(a.unit for a in self.assignments if a.unit is not None)

    @property
    def scope(self) -> frozenset[str] | None:
        """The units whose affairs the caller may see, each with all below it; None for all."""
        return None if EVERY_UNIT in self.units else self.units


def unauthenticated(detail: str) -> ProblemError:
    return ProblemError(401, "unauthenticated", detail, headers={"www-authenticate": "Bearer"})


class Authenticator:
    """Verifies tokens. Keys are cached; when the issuer is down they are trusted for an hour."""

    def __init__(
        self,
        settings: Auth,
        client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`clock` counts seconds and never goes back."""
        self._settings = settings
        self._client = client or httpx.AsyncClient(timeout=5)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._keys: KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")
        self._claims = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            sub={"essential": True},
            exp={"essential": True},
        )

    async def authenticate(self, token: str) -> Principal:
        """The principal of a valid access token.

        Raises ProblemError 401 for any other token, 503 if the issuer's keys are not available.
        """
        try:
            decoded = await self._decode(token)
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise unauthenticated(self._why_not(error)) from error
        if decoded.header.get("typ", "").lower() not in ("at+jwt", "application/at+jwt"):
            raise unauthenticated("The token is not an access token (typ at+jwt).")
        claims = decoded.claims
        return Principal(str(claims["sub"]), str(claims["iss"]), _assignments(claims))

    def _why_not(self, error: Exception) -> str:
        if isinstance(error, ExpiredTokenError):
            return "The token has expired. Get a new one."
        if not isinstance(error, ClaimError):
            return "This is not a token that the issuer has signed."
        if error.claim == "aud":
            return f"The token is not for the audience {self._settings.audience}."
        if error.claim == "iss":
            return f"The token is not from the issuer {self._settings.issuer}."
        return f"The token's claim {error.claim} is missing or not valid now."

    async def _decode(self, token: str) -> jwt.Token:
        keys = self._keys
        if keys is None or not self._lock.locked():  # During a fetch, the old keys are used.
            keys = await self._current_keys(self._clock() - _KEYS_TTL_SECONDS)
        try:
            return jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # Perhaps the issuer has a new key; ask again, but not for every bad token.
            newer = await self._current_keys(self._clock() - _REFETCH_COOLDOWN_SECONDS)
            if newer is keys:
                raise
            return jwt.decode(token, newer, algorithms=_ALGORITHMS)

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
                except _FETCH_ERRORS as error:
                    log.warning("cannot fetch the issuer's keys: %s", type(error).__name__)
                    if self._clock() - self._fetched_at > _KEYS_KEPT_SECONDS:
                        self._keys = None
                self._tried_at = self._clock()
            if self._keys is None:
                detail = "The identity provider does not answer. Try again."
                raise ProblemError(503, "unavailable", detail, headers={"retry-after": "5"})
            return self._keys

    async def _fetch(self) -> KeySet:
        base = self._settings.issuer.rstrip("/")
        discovery = await self._client.get(f"{base}/.well-known/openid-configuration")
        discovery.raise_for_status()
        keys = await self._client.get(discovery.json()["jwks_uri"])
        keys.raise_for_status()
        return _understood(keys.json()["keys"])

    async def close(self) -> None:
        await self._client.aclose()


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


def _assignments(claims: dict[str, Any]) -> frozenset[Assignment]:
    match claims.get("assignments", []):
        case list() as listed:
            return frozenset(map(_assignment, listed))
        case _:
            raise unauthenticated("The token's claim assignments is not a list.")


def _assignment(listed: object) -> Assignment:
    match listed:
        case {"role": str(role), "unit": str(unit)}:
            return Assignment(role, unit)
        case {"role": str(role), **others} if "unit" not in others:
            return Assignment(role, None)
        case _:
            raise unauthenticated(
                "The token's claim assignments holds something else than a role with its unit."
            )


async def authenticated(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """FastAPI dependency: the caller, with any role."""
    if credentials is None:
        raise unauthenticated("Send a bearer token in the Authorization header.")
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.authenticate(credentials.credentials)


def require(*roles: str) -> Callable[..., Awaitable[Principal]]:
    """FastAPI dependency: the caller in these roles, with the units that they are held for.

    Answers 403 if the caller has none of them.
    """

    async def checked(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
        if not principal.has(*roles):
            raise ProblemError(
                403, "role-missing", f"This needs one of the roles: {', '.join(roles)}."
            )
        return principal.limited_to(*roles)

    return checked
