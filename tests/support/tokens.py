"""An issuer for unit tests, without sockets: keys, discovery, and tokens good and forged."""

import time
from collections.abc import Iterable
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import DictKey, ECKey, Key, KeySet

ISSUER = "https://issuer.invalid"


def held(roles: Iterable[str], units: Iterable[str] = ()) -> list[dict[str, str | bool]]:
    """The claim of somebody who holds each role for each unit, or for none.

    As the people service says it: an employee's role does not hold for the units below.
    """
    for_units = list(units)
    return [_held(role, unit) for role in roles for unit in for_units] or [
        {"role": role} for role in roles
    ]


def _held(role: str, unit: str) -> dict[str, str | bool]:
    return {"role": role, "unit": unit} | ({} if role == "employee" else {"below": True})


class FakeIssuer:
    """Answers discovery and JWKS through `client`; can be down, or answer with nonsense."""

    def __init__(self) -> None:
        self.keys = [ECKey.generate_key("P-256", auto_kid=True)]
        self.down = False
        self.nonsense = False
        self.fetches = 0
        self.metadata = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def rotate(self, keep_old: bool = True) -> None:
        """Sign with a new key from now on."""
        new = ECKey.generate_key("P-256", auto_kid=True)
        self.keys = [new, *self.keys] if keep_old else [new]

    def token(
        self,
        header: dict[str, Any] | None = None,
        key: ECKey | None = None,
        **claims: Any,
    ) -> str:
        """A good access token of an administrator, with the given changes; None drops a claim."""
        now = int(time.time())
        good = {
            "iss": ISSUER,
            "aud": "um-platform",
            "sub": "administrator-1",
            "iat": now,
            "exp": now + 600,
            "assignments": held(["administrator"], ["*"]),
        }
        signing = key or self.keys[0]
        good_header = {"alg": "ES256", "typ": "at+jwt", "kid": self.keys[0].kid}
        full_header = {n: v for n, v in {**good_header, **(header or {})}.items() if v is not None}
        full = {n: v for n, v in {**good, **claims}.items() if v is not None}
        return jwt.encode(full_header, full, signing)

    def published(self) -> list[DictKey]:
        """The public keys, as the issuer lists them."""
        keys: list[Key] = [*self.keys]
        return KeySet(keys).as_dict(private=False)["keys"]

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """What `client` receives."""
        if self.down:
            raise httpx.ConnectError("down", request=request)
        if self.nonsense:
            return httpx.Response(200, text="<html>maintenance</html>")
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(200, json=self.metadata)
        self.fetches += 1
        return httpx.Response(200, json={"keys": self.published()})
