"""The HTTP interface of the issuer."""

import base64
from typing import Annotated, Any

from fastapi import Body, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from devstack.issuer.errors import OAuthError, UsedAgain
from devstack.issuer.leaving import add_sessions, add_sign_out, notify
from devstack.issuer.pages import sign_in_page
from devstack.issuer.registration import PUBLIC_CLIENT, check_authorization, with_query
from devstack.issuer.signing import Issuer
from devstack.issuer.texts import LANGUAGES, language_of
from devstack.personas import UnknownPersonaError
from devstack.tokens import PERSONA_GRANT


def create_app(issuer: Issuer) -> FastAPI:
    """The HTTP interface of an issuer."""
    app = FastAPI(title="Development issuer", telemetry={"auto_configure": False})
    _answer_errors(app, issuer)
    _publish_metadata(app, issuer)
    _authorize(app, issuer)
    _issue_tokens(app, issuer)
    add_sign_out(app, issuer)
    add_sessions(app, issuer, check_own_page)
    return app


def check_own_page(request: Request) -> None:
    """Refuse a form that another site's page has sent; raises OAuthError."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise OAuthError("invalid_request", "this form was not sent from the issuer's page", 403)


def _answer_errors(app: FastAPI, issuer: Issuer) -> None:
    @app.exception_handler(OAuthError)
    async def refused(_: Request, error: OAuthError) -> JSONResponse:
        return _error(error.code, error, error.status)

    @app.exception_handler(UsedAgain)
    async def stolen(_: Request, error: UsedAgain) -> JSONResponse:
        answer = _error(error.code, error, error.status)
        if ended := issuer.sessions.end(error.sid):
            # Afterwards: while it refreshes, the portal keeps its session locked.
            answer.background = BackgroundTask(notify, issuer, ended)
        return answer

    @app.exception_handler(UnknownPersonaError)
    @app.exception_handler(ValueError)
    async def unusable(_: Request, error: Exception) -> JSONResponse:
        return _error("invalid_request", error, 400)


def _error(code: str, error: Exception, status: int) -> JSONResponse:
    body = {"error": code, "error_description": str(error)}
    return JSONResponse(body, status, headers={"cache-control": "no-store"})


def _publish_metadata(app: FastAPI, issuer: Issuer) -> None:
    code_flow = ["authorization_code", "refresh_token"]
    metadata = {
        "issuer": issuer.url,
        "authorization_endpoint": f"{issuer.url}/authorize",
        "token_endpoint": f"{issuer.url}/token",
        "end_session_endpoint": f"{issuer.url}/sign-out",
        "jwks_uri": f"{issuer.url}/jwks",
        "response_types_supported": ["code"],
        "grant_types_supported": [*code_flow, "client_credentials", PERSONA_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [
            *("client_secret_basic", "client_secret_post", "none")
        ],
        "scopes_supported": ["openid", "profile", "offline_access"],
        "claims_supported": ["iss", "sub", "aud", "iat", "exp", "jti", "sid", "nonce", "name"],
        "ui_locales_supported": list(LANGUAGES),
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
    public = {**issuer.key.as_dict(private=False), "alg": "ES256", "use": "sig"}

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        return metadata

    @app.get("/jwks")
    async def jwks() -> dict[str, Any]:
        return {"keys": [public]}


def _authorize(app: FastAPI, issuer: Issuer) -> None:
    def back(query: dict[str, str], **answer: str) -> Response:
        """The answer names its issuer (RFC 9207)."""
        named = with_query(
            query["redirect_uri"], **answer, state=query.get("state"), iss=issuer.url
        )
        return RedirectResponse(named, status_code=303)

    @app.get("/authorize")
    async def choose(request: Request) -> Response:
        query = dict(request.query_params)
        check_authorization(query, issuer.portal)
        if query.get("prompt") == "none":  # Nobody stays signed in at this issuer.
            return back(query, error="login_required")
        return HTMLResponse(sign_in_page(query, issuer.directory, language_of(request)))

    @app.post("/authorize")
    async def grant(request: Request) -> Response:
        check_own_page(request)
        form = {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
        check_authorization(form, issuer.portal)
        if "cancel" in form:
            return back(form, error="access_denied")
        persona = form.pop("persona", "").strip()
        subject = issuer.directory.find(persona).subject
        return back(form, code=issuer.sessions.grant(persona, subject, form))


def _issue_tokens(app: FastAPI, issuer: Issuer) -> None:
    @app.post("/token")
    async def token(
        request: Request,
        response: Response,
        grant_type: Annotated[str, Form()],
        client_id: Annotated[str, Form()] = "",
        client_secret: Annotated[str, Form()] = "",
        code: Annotated[str, Form()] = "",
        code_verifier: Annotated[str, Form()] = "",
        redirect_uri: Annotated[str, Form()] = "",
        refresh_token: Annotated[str, Form()] = "",
        persona: Annotated[str, Form()] = "",
    ) -> dict[str, Any]:
        response.headers["cache-control"] = "no-store"
        if grant_type == "authorization_code":
            return issuer.signed_in(
                *issuer.sessions.redeem(code, code_verifier, client_id, redirect_uri)
            )
        if grant_type == "refresh_token":
            return issuer.signed_in(issuer.sessions.refreshed(refresh_token, client_id))
        if grant_type == "client_credentials":
            name, secret = _client_credentials(request, client_id, client_secret)
            return issuer.answer(issuer.client(name, secret), name)
        if grant_type == PERSONA_GRANT:
            return issuer.answer(issuer.directory.find(persona), client_id or PUBLIC_CLIENT)
        raise OAuthError("unsupported_grant_type", f"grant_type {grant_type} is not offered")

    @app.post("/development/tokens")
    def many(personas: Annotated[list[str], Body(embed=True)]) -> dict[str, dict[str, str]]:
        found = {name: issuer.directory.find(name) for name in personas}
        return {"tokens": {n: issuer.access_token(p, PUBLIC_CLIENT) for n, p in found.items()}}


def _client_credentials(request: Request, client_id: str, client_secret: str) -> tuple[str, str]:
    """Client id and secret from the Authorization header, else from the form."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return client_id, client_secret
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError as error:
        raise OAuthError("invalid_client", "malformed Authorization header", 401) from error
    return name, secret
