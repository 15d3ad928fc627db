"""Who is asking: bearer tokens (RFC 9068 access tokens) verified against the issuer's JWKS."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from time import monotonic
from typing import Annotated, Any
from uuid import UUID
from weakref import WeakKeyDictionary

import httpx
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError

from servicekit.issuer_keys import IssuerKeys, KeysUnavailable
from servicekit.metrics import TOKEN_REFUSALS, UNMEASURED
from servicekit.problems import ProblemError
from servicekit.settings import Auth

_LEEWAY_SECONDS = 10

EVERY_UNIT = "*"

_bearer = HTTPBearer(auto_error=False, description="Token of the people service, `POST /token`.")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role for a unit, and with `below` for all units below it too.

    The unit `*` stands for every unit, None for no unit. `standing_for` is the account in whose
    place it is held; empty for the holder's own. With a `round` it is for this round of the unit
    only, and counts nowhere else.
    """

    role: str
    unit: str | None
    below: bool = False
    standing_for: str = ""
    round: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The units whose affairs a caller may see: `units` alone, and `trees` with all below them."""

    trees: frozenset[str]
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller according to the token.

    `client_id` is the application that got it; empty if the token does not say it.
    """

    subject: str
    issuer: str
    assignments: frozenset[Assignment]
    client_id: str = ""

    def has(self, *roles: str) -> bool:
        """Whether the caller has any of these roles, for whatever unit."""
        return any(assignment.role in roles for assignment in self.assignments)

    def limited_to(self, *roles: str) -> "Principal":
        """The caller in these roles only: what other roles are held for does not count."""
        held = frozenset(a for a in self.assignments if a.role in roles)
        return replace(self, assignments=held)

    def at_round(self, round_id: UUID) -> "Principal":
        """The caller as seen by what concerns this round: an assignment for it alone counts too."""
        here = frozenset(
            replace(a, round=None) if a.round == str(round_id) else a for a in self.assignments
        )
        return replace(self, assignments=here)

    @property
    def on_behalf_of(self) -> str:
        """The account in whose place the caller acts; empty if any of the roles is their own.

        Several accounts are separated by a blank.
        """
        places = {assignment.standing_for for assignment in self.assignments}
        return "" if "" in places else " ".join(sorted(places))

    def acting_in(self, unit_id: str, path: Collection[str]) -> "Principal":
        """The caller in the roles that hold in a unit; `path` has it and all units above it.

        So whoever stands in for one unit's manager acts for themselves in another.
        """
        held = frozenset(
            a
            for a in self.assignments
            if a.unit in (EVERY_UNIT, unit_id) or (a.below and a.unit in path)
        )
        return replace(self, assignments=held)

    @property
    def units(self) -> frozenset[str]:
        """The units that the caller's roles are held for. One for a round only does not count."""
        return frozenset(unit for unit, _ in self._held)

    @property
    def scope(self) -> Scope | None:
        """The units whose affairs the caller may see; None for all."""
        if EVERY_UNIT in self.units:
            return None
        return Scope(
            trees=frozenset(unit for unit, below in self._held if below),
            units=frozenset(unit for unit, below in self._held if not below),
        )

    @property
    def _held(self) -> list[tuple[str, bool]]:
        """(unit, below)"""
        counted = [a for a in self.assignments if a.round is None]
        return [(a.unit, a.below) for a in counted if a.unit is not None]


def unauthenticated(reason: str, detail: str) -> ProblemError:
    """`reason` is what the refusal is counted under."""
    if not UNMEASURED.get():
        TOKEN_REFUSALS.labels(reason).inc()
    return ProblemError(401, "unauthenticated", detail, headers={"www-authenticate": "Bearer"})


class Authenticator:
    """Verifies the platform's access tokens."""

    def __init__(
        self,
        settings: Auth,
        client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`clock` counts seconds and never goes back."""
        self._settings = settings
        self._keys = IssuerKeys(settings.issuer, client, clock)
        # Of tokens that were valid, for as long as their signatures are remembered.
        self._principals: WeakKeyDictionary[jwt.Token, Principal] = WeakKeyDictionary()
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
            decoded = await self._keys.decode(token)
            known = self._principals.get(decoded)
            if known and time.time() < decoded.claims["exp"]:
                return known
            self._claims.validate(decoded.claims)
        except KeysUnavailable as error:
            if not UNMEASURED.get():
                TOKEN_REFUSALS.labels("no_keys").inc()
            detail = "The issuer of tokens does not answer. Try again."
            raise ProblemError(503, "unavailable", detail, headers={"retry-after": "5"}) from error
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise unauthenticated(_reason(error), self._why_not(error)) from error
        if decoded.header.get("typ", "").lower() not in ("at+jwt", "application/at+jwt"):
            raise unauthenticated("kind", "The token is not an access token (typ at+jwt).")
        claims = decoded.claims
        client_id = str(claims.get("client_id", ""))
        principal = Principal(
            str(claims["sub"]), str(claims["iss"]), _assignments(claims), client_id
        )
        self._principals[decoded] = principal
        return principal

    def known(self, token: str) -> Principal | None:
        """The principal of a token that was verified before and has not expired."""
        decoded = self._keys.verified(token)
        principal = self._principals.get(decoded) if decoded else None
        return principal if decoded and time.time() < decoded.claims["exp"] else None

    def forget_expired(self) -> int:
        """Forget tokens that are not valid any more; returns how many are left. To be called now
        and then."""
        return self._keys.forget_expired()

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

    async def close(self) -> None:
        await self._keys.close()


def _reason(error: Exception) -> str:
    if isinstance(error, ExpiredTokenError):
        return "expired"
    return "claim" if isinstance(error, ClaimError) else "signature"


def _assignments(claims: dict[str, Any]) -> frozenset[Assignment]:
    match claims.get("assignments", []):
        case list() as listed:
            return frozenset(map(_assignment, listed))
        case _:
            raise unauthenticated("claim", "The token's claim assignments is not a list.")


def _assignment(listed: object) -> Assignment:
    match listed:
        case {"role": str(role), "unit": str(unit), "round": str(round_id)}:
            return Assignment(role, unit, round=round_id)
        case {"role": str(role), "unit": str(unit), **others} if "round" not in others:
            standing_for = str(others.get("standing_for", ""))
            return Assignment(role, unit, others.get("below") is True, standing_for)
        case {"role": str(role), **others} if not {"unit", "round"} & others.keys():
            return Assignment(role, None)
        case _:
            raise unauthenticated(
                "claim",
                "The token's claim assignments holds something else than a role with its unit.",
            )


async def authenticated(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """FastAPI dependency: the caller, with any role."""
    if credentials is None:
        raise unauthenticated("missing", "Send a bearer token in the Authorization header.")
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.authenticate(credentials.credentials)
