"""The issuer's tokens: for APIs, about who signed in, and about who has left."""

import json
import secrets
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from devstack.files import write_atomically
from devstack.issuer.errors import OAuthError
from devstack.issuer.registration import PUBLIC_CLIENT, Registration
from devstack.issuer.sessions import Session, Sessions
from devstack.personas import EVERY_UNIT, PERSONAS, Assignment, Directory, Persona

AUDIENCE = "um-platform"
WORKING_DAY = 8 * 3600  # seconds; for programs, which have no refresh token
SIGNED_IN = 300  # seconds; whoever signed in by a browser has one
LOGOUT_LIFETIME = 120  # seconds
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def load_key(path: Path) -> ECKey:
    """The signing key in `path`, made on the first start so that tokens outlive a restart."""
    if not path.exists():
        key = ECKey.generate_key("P-256", auto_kid=True)
        write_atomically(path, json.dumps(key.as_dict(private=True)))
    return ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))


class Issuer:
    """Signs tokens for the personas of a directory and for clients (id > secret)."""

    def __init__(
        self,
        url: str,
        key: ECKey,
        directory: Directory,
        clients: Mapping[str, str],
        portal: Registration | None = None,
    ) -> None:
        self.url, self.key, self.directory = url, key, directory
        self.portal = portal or Registration()
        self.sessions = Sessions()
        self._clients = clients

    def access_token(self, persona: Persona, client_id: str, lifetime: int = WORKING_DAY) -> str:
        """A signed `at+jwt` (RFC 9068) for the platform's APIs; `lifetime` in seconds."""
        held = [assignment.claim() for assignment in persona.assignments]
        claims = {"aud": AUDIENCE, "client_id": client_id, "assignments": held}
        if persona in PERSONAS.values():
            claims["sample_assignments"] = held
            claims["groups"] = [f"um-{assignment.role}s" for assignment in persona.assignments]
        return self.sign("at+jwt", persona.subject, lifetime, claims)

    def sign(self, kind: str, subject: str, lifetime: int, claims: Mapping[str, Any]) -> str:
        """A token whose `typ` is `kind`; `claims` come before those that every token has."""
        now = int(time.time())
        common = {"iss": self.url, "sub": subject, "iat": now, "exp": now + lifetime}
        header = {"alg": "ES256", "kid": self.key.kid, "typ": kind}
        return jwt.encode(header, {**common, "jti": str(uuid.uuid4()), **claims}, self.key)

    def answer(
        self, persona: Persona, client_id: str, lifetime: int = WORKING_DAY
    ) -> dict[str, Any]:
        """The body of a successful token request."""
        token = self.access_token(persona, client_id, lifetime)
        return {"access_token": token, "token_type": "Bearer", "expires_in": lifetime}

    def signed_in(self, session: Session, nonce: str = "") -> dict[str, Any]:
        """`answer` for a session, with what its scopes ask for."""
        persona = self.directory.find(session.persona)
        answer = self.answer(persona, session.client_id, SIGNED_IN)
        answer["scope"] = " ".join(sorted(session.scopes))
        if "openid" in session.scopes:
            about: dict[str, Any] = {"aud": session.client_id, "sid": session.sid}
            if "profile" in session.scopes:
                about["name"] = persona.name
            if nonce:
                about["nonce"] = nonce
            answer["id_token"] = self.sign("JWT", persona.subject, SIGNED_IN, about)
        if "offline_access" in session.scopes:
            answer["refresh_token"] = self.sessions.new_refresh_token(session)
        return answer

    def logout_token(self, session: Session) -> str:
        """OpenID Connect Back-Channel Logout 1.0, section 2.4."""
        about = {"aud": session.client_id, "sid": session.sid, "events": {LOGOUT_EVENT: {}}}
        return self.sign("logout+jwt", session.subject, LOGOUT_LIFETIME, about)

    def session_of(self, id_token: str) -> str:
        """The `sid` of an ID token of ours, even an expired one. Raises OAuthError."""
        try:
            token = jwt.decode(id_token, self.key, algorithms=["ES256"])
            if (token.header.get("typ"), token.claims["aud"]) == ("JWT", PUBLIC_CLIENT):
                return str(token.claims["sid"])
        except (JoseError, ValueError, KeyError) as error:
            raise OAuthError("invalid_request", "id_token_hint is no ID token of ours") from error
        raise OAuthError("invalid_request", "id_token_hint is no ID token of the portal")

    def client(self, client_id: str, secret: str) -> Persona:
        """The service behind a client id; raises OAuthError for a wrong secret."""
        expected = self._clients.get(client_id)
        if expected is None or not secrets.compare_digest(expected.encode(), secret.encode()):
            raise OAuthError("invalid_client", "unknown client or wrong secret", 401)
        return Persona(client_id, client_id, (Assignment("service", EVERY_UNIT),))
