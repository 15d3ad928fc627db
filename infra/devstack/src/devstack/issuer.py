"""A development OpenID Connect issuer: sample personas, real signatures, no passwords.

Discovery, JWKS, authorization code with PKCE, client credentials, and - for development only -
a grant that issues a token for a named persona. It listens on loopback and lives only here:
the services know it merely by its address and verify its tokens like any other issuer's.
"""

import base64
import hashlib
import html
import json
import os
import secrets
import time
import uuid
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import uvicorn
from fastapi import Body, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey

from devstack.files import write_atomically
from devstack.pages import page
from devstack.personas import (
    EVERY_UNIT,
    PERSONAS,
    Assignment,
    Directory,
    Persona,
    UnknownPersonaError,
)
from devstack.tokens import PERSONA_GRANT

AUDIENCE = "um-platform"
TOKEN_LIFETIME = 8 * 3600  # seconds; a working day, since nobody logs in again locally
CODE_LIFETIME = 60  # seconds
PUBLIC_CLIENT = "portal"


class OAuthError(Exception):
    """An error answer of RFC 6749, section 5.2."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code, self.status = code, status


def load_key(path: Path) -> ECKey:
    """The signing key in `path`, made on the first start so that tokens outlive a restart."""
    if not path.exists():
        key = ECKey.generate_key("P-256", auto_kid=True)
        write_atomically(path, json.dumps(key.as_dict(private=True)))
    return ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))


class Issuer:
    """Signs tokens and keeps the authorization codes that wait to be redeemed."""

    def __init__(self, url: str, key: ECKey, directory: Directory, clients: dict[str, str]) -> None:
        self.url, self.key, self.directory = url, key, directory
        self._clients = clients
        self._codes: dict[str, dict[str, str]] = {}

    def access_token(self, persona: Persona, client_id: str) -> str:
        """A signed `at+jwt` (RFC 9068) for the platform's APIs."""
        held = [assignment.claim() for assignment in persona.assignments]
        claims = {"aud": AUDIENCE, "client_id": client_id, "assignments": held}
        if persona in PERSONAS.values():
            claims["sample_assignments"] = held
        return self._sign("at+jwt", persona.subject, claims)

    def _sign(self, kind: str, subject: str, claims: dict[str, Any]) -> str:
        now = int(time.time())
        common = {"iss": self.url, "sub": subject, "iat": now, "exp": now + TOKEN_LIFETIME}
        header = {"alg": "ES256", "kid": self.key.kid, "typ": kind}
        return jwt.encode(header, {**common, "jti": str(uuid.uuid4()), **claims}, self.key)

    def answer(self, persona: Persona, client_id: str) -> dict[str, Any]:
        """The body of a successful token request."""
        token = self.access_token(persona, client_id)
        return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFETIME}

    def client(self, client_id: str, secret: str) -> Persona:
        """The service behind a client id; raises OAuthError for a wrong secret."""
        expected = self._clients.get(client_id)
        if expected is None or not secrets.compare_digest(expected.encode(), secret.encode()):
            raise OAuthError("invalid_client", "unknown client or wrong secret", 401)
        return Persona(client_id, client_id, (Assignment("service", EVERY_UNIT),))

    def new_code(self, persona: str, request: dict[str, str]) -> str:
        """Remember an authorization request that a persona has granted."""
        code = secrets.token_urlsafe(24)
        until = str(time.monotonic() + CODE_LIFETIME)
        self._codes[code] = {**request, "persona": persona, "until": until}
        return code

    def redeem(self, code: str, verifier: str, client_id: str, redirect_uri: str) -> dict[str, Any]:
        """Exchange a code once, for the client that holds its verifier (PKCE, S256)."""
        granted = self._codes.pop(code, None)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if granted is None or float(granted["until"]) < time.monotonic():
            raise OAuthError("invalid_grant", "the code is unknown, used or expired")
        if (challenge, client_id, redirect_uri) != (
            granted["code_challenge"],
            granted["client_id"],
            granted["redirect_uri"],
        ):
            raise OAuthError("invalid_grant", "verifier, client or redirect_uri do not match")
        persona = self.directory.find(granted["persona"])
        about = {"aud": client_id, "name": persona.name}
        if granted.get("nonce"):
            about["nonce"] = granted["nonce"]
        return {
            **self.answer(persona, client_id),
            "id_token": self._sign("JWT", persona.subject, about),
        }


def check_authorization(query: dict[str, str]) -> None:
    """Refuse what could send a code to a stranger; raises OAuthError."""
    if query.get("client_id") != PUBLIC_CLIENT:
        raise OAuthError("invalid_request", f"client_id must be {PUBLIC_CLIENT}")
    if urlsplit(query.get("redirect_uri", "")).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise OAuthError("invalid_request", "redirect_uri must be on this machine")
    if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "only response_type=code with S256 is offered")
    if not query.get("code_challenge"):
        raise OAuthError("invalid_request", "code_challenge is missing")


def persona_page(query: dict[str, str]) -> str:
    """The page on which one chooses who to be."""
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">'
        for k, v in query.items()
    )
    buttons = "".join(
        f'<p><button name="persona" value="{name}">{html.escape(persona.name)}</button></p>'
        for name, persona in PERSONAS.items()
    )
    note = "<p>Sample people of the local stack. No password; never used outside it.</p>"
    return page(
        "Sign in as", f'{note}<form method="post" action="/authorize">{hidden}{buttons}</form>'
    )


def client_credentials(request: Request, client_id: str, client_secret: str) -> tuple[str, str]:
    """Client id and secret from the Authorization header, else from the form."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return client_id, client_secret
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError as error:
        raise OAuthError("invalid_client", "malformed Authorization header", 401) from error
    return name, secret


def create_app(issuer: Issuer) -> FastAPI:
    """The HTTP interface of an issuer."""
    app = FastAPI(title="Development issuer", telemetry={"auto_configure": False})
    _answer_errors(app)
    _publish_metadata(app, issuer)
    _authorize(app, issuer)
    _issue_tokens(app, issuer)
    return app


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(OAuthError)
    def refused(_: Request, error: OAuthError) -> JSONResponse:
        body = {"error": error.code, "error_description": str(error)}
        return JSONResponse(body, status_code=error.status)

    @app.exception_handler(UnknownPersonaError)
    @app.exception_handler(ValueError)
    def unusable(_: Request, error: Exception) -> JSONResponse:
        body = {"error": "invalid_request", "error_description": str(error)}
        return JSONResponse(body, status_code=400)


def _publish_metadata(app: FastAPI, issuer: Issuer) -> None:
    methods = ["client_secret_basic", "client_secret_post", "none"]
    metadata = {
        "issuer": issuer.url,
        "authorization_endpoint": f"{issuer.url}/authorize",
        "token_endpoint": f"{issuer.url}/token",
        "jwks_uri": f"{issuer.url}/jwks",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials", PERSONA_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "scopes_supported": ["openid"],
    }
    public = {**issuer.key.as_dict(private=False), "alg": "ES256", "use": "sig"}

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        return metadata

    @app.get("/jwks")
    async def jwks() -> dict[str, Any]:
        return {"keys": [public]}


def _authorize(app: FastAPI, issuer: Issuer) -> None:
    @app.get("/authorize")
    def choose(request: Request) -> HTMLResponse:
        query = dict(request.query_params)
        check_authorization(query)
        return HTMLResponse(persona_page(query))

    @app.post("/authorize")
    async def grant(request: Request) -> RedirectResponse:
        form = {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
        check_authorization(form)
        issuer.directory.find(form.get("persona", ""))
        back = {"code": issuer.new_code(form["persona"], form), "state": form.get("state", "")}
        mark = "&" if "?" in form["redirect_uri"] else "?"
        return RedirectResponse(f"{form['redirect_uri']}{mark}{urlencode(back)}", status_code=303)


def _issue_tokens(app: FastAPI, issuer: Issuer) -> None:
    @app.post("/token")
    async def token(
        request: Request,
        grant_type: Annotated[str, Form()],
        client_id: Annotated[str, Form()] = "",
        client_secret: Annotated[str, Form()] = "",
        code: Annotated[str, Form()] = "",
        code_verifier: Annotated[str, Form()] = "",
        redirect_uri: Annotated[str, Form()] = "",
        persona: Annotated[str, Form()] = "",
    ) -> dict[str, Any]:
        if grant_type == "authorization_code":
            return issuer.redeem(code, code_verifier, client_id, redirect_uri)
        if grant_type == "client_credentials":
            name, secret = client_credentials(request, client_id, client_secret)
            return issuer.answer(issuer.client(name, secret), name)
        if grant_type == PERSONA_GRANT:
            return issuer.answer(issuer.directory.find(persona), client_id or PUBLIC_CLIENT)
        raise OAuthError("unsupported_grant_type", f"grant_type {grant_type} is not offered")

    @app.post("/development/tokens")
    def many(personas: Annotated[list[str], Body(embed=True)]) -> dict[str, dict[str, str]]:
        found = {name: issuer.directory.find(name) for name in personas}
        return {"tokens": {n: issuer.access_token(p, PUBLIC_CLIENT) for n, p in found.items()}}


def main() -> None:
    """Run the issuer as the environment says (ISSUER_*); used by the stack."""
    persons = os.environ.get("ISSUER_PERSONS_FILE")
    issuer = Issuer(
        os.environ["ISSUER_URL"],
        load_key(Path(os.environ["ISSUER_KEY_FILE"])),
        Directory(Path(persons) if persons else None),
        json.loads(os.environ["ISSUER_CLIENTS"]),
    )
    host, port = os.environ["ISSUER_HOST"], int(os.environ["ISSUER_PORT"])
    uvicorn.run(create_app(issuer), host=host, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
