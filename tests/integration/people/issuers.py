"""Identity providers of the tests' own: real servers, whose keys a test may use and misuse."""

import base64
import hmac
import json
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from devstack.issuer import Issuer, create_app
from devstack.personas import Directory
from support.listening import listening


class OwnIssuer:
    """Its metadata and keys are at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = ECKey.generate_key("P-256", auto_kid=True)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good claims, with these changes; None leaves a claim out."""
        now = int(time.time())
        good = {
            "iss": self.url,
            "aud": "um-platform",
            "sub": "somebody",
            "iat": now,
            "exp": now + 600,
            "groups": ["admins"],
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(
        self, header: Mapping[str, Any] | None = None, key: ECKey | None = None, **changes: Any
    ) -> str:
        """A good token, with these changes."""
        good = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid}
        signed = f"{_part({**good, **(header or {})})}.{_part(self.claims(**changes))}"
        private = (key or self.key).private_key
        assert private is not None
        r_and_s = decode_dss_signature(private.sign(signed.encode(), ECDSA(SHA256())))
        signature = b"".join(number.to_bytes(32, "big") for number in r_and_s)
        return f"{signed}.{_base64(signature)}"

    def unsigned(self, signature: str = "", alg: str = "none") -> str:
        header = {"alg": alg, "typ": "at+jwt", "kid": self.key.kid}
        return f"{_part(header)}.{_part(self.claims())}.{signature}"

    def signed_with_the_public_key(self, kid: str | None) -> str:
        """HS256, whose secret is what everybody can fetch."""
        header = {"alg": "HS256", "typ": "at+jwt"} | ({"kid": kid} if kid else {})
        signed = f"{_part(header)}.{_part(self.claims())}"
        secret = self.key.as_pem(private=False)
        return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _part(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@asynccontextmanager
async def running() -> AsyncIterator[OwnIssuer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        own = OwnIssuer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        api = create_app(Issuer(own.url, own.key, Directory(None), {}))
        async with listening(api, listener):
            yield own
