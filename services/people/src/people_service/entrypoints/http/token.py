"""HTTP of the platform's own issuer: its metadata, its keys, and the exchange of tokens.

Errors are those of OAuth 2.0 (RFC 6749, section 5.2), which every client of it understands.
"""

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from people_service.application.exchange import exchange
from people_service.application.ports import ProviderUnavailable, TokenRefused
from people_service.domain.identity_provider import read
from people_service.entrypoints.app import app_of

log = logging.getLogger(__name__)

router = APIRouter(tags=["tokens"])

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_KIND = "urn:ietf:params:oauth:token-type:"
ACCESS_TOKEN = f"{_KIND}access_token"
_ACCEPTED = (ACCESS_TOKEN, f"{_KIND}jwt", f"{_KIND}id_token")
_LONGEST = 20_000  # characters of a token
_NOT_STORED = {"cache-control": "no-store"}


class TokenBody(BaseModel):
    """A token of the platform (RFC 8693, section 2.2.1)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "access_token": "eyJhbGciOiJSUzI1NiIs...",
                    "issued_token_type": ACCESS_TOKEN,
                    "token_type": "Bearer",
                    "expires_in": 600,
                }
            ]
        }
    )

    access_token: str
    issued_token_type: str
    token_type: str
    expires_in: int = Field(description="Seconds.")


class TokenErrorBody(BaseModel):
    """Why there is no token (RFC 6749, section 5.2)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": "invalid_grant",
                    "error_description": "The token has expired. Sign in again.",
                }
            ]
        }
    )

    error: str
    error_description: str


@router.post(
    "/token",
    response_model=TokenBody,
    responses={400: {"model": TokenErrorBody}, 503: {"model": TokenErrorBody}},
    response_description="A token of the platform.",
)
async def exchange_token(
    request: Request,
    grant_type: Annotated[str, Form(examples=[GRANT])] = "",
    subject_token: Annotated[str, Form(description="The identity provider's token.")] = "",
    subject_token_type: Annotated[str, Form(examples=[ACCESS_TOKEN])] = ACCESS_TOKEN,
    audience: Annotated[str, Form(description="The platform's, if given.")] = "",
    requested_token_type: Annotated[str, Form(examples=[ACCESS_TOKEN])] = ACCESS_TOKEN,
    actor_token: Annotated[str, Form(description="Not supported: leave it out.")] = "",
) -> Response:
    """Exchange an identity provider's token for one of the platform (RFC 8693).

    The answer's claim `assignments` lists each role with its unit, as they hold today. It is valid
    for ten minutes; then it is exchanged again.
    """
    app = app_of(request)
    if not grant_type:
        return _error("invalid_request", "Send a form with grant_type and subject_token.")
    if grant_type != GRANT:
        return _error("unsupported_grant_type", f"The only grant_type here is {GRANT}.")
    if subject_token_type not in _ACCEPTED:
        return _error("invalid_request", f"subject_token_type is one of: {', '.join(_ACCEPTED)}.")
    if requested_token_type != ACCESS_TOKEN or actor_token:
        return _error("invalid_request", "Only access tokens are issued, and to nobody's actor.")
    if audience not in ("", app.token_rules.audience):
        return _error("invalid_target", f"Tokens are for {app.token_rules.audience} only.")
    if not 0 < len(subject_token) <= _LONGEST:
        return _error("invalid_request", "Send the identity provider's token as subject_token.")
    try:
        identity = read(*await app.providers.verified(subject_token))
        async with app.uow() as uow:
            token = await exchange(identity, uow, app.signer, app.token_rules)
    except TokenRefused as error:
        log.info("token refused: %s", error)
        return _error("invalid_grant", str(error))
    except ProviderUnavailable as error:
        detail = f"The identity provider {error} does not answer. Try again."
        return _error("temporarily_unavailable", detail, 503)
    body = TokenBody(
        access_token=token,
        issued_token_type=ACCESS_TOKEN,
        token_type="Bearer",  # noqa: S106 - the kind of token
        expires_in=int(app.token_rules.lifetime.total_seconds()),
    )
    return JSONResponse(body.model_dump(), headers=_NOT_STORED)


@router.get("/.well-known/openid-configuration", response_description="The issuer's metadata.")
async def metadata(request: Request) -> dict[str, Any]:
    """The issuer's metadata (RFC 8414): where its keys and its token endpoint are."""
    issuer = app_of(request).token_rules.issuer
    address = issuer.rstrip("/")
    return {
        "issuer": issuer,
        "token_endpoint": f"{address}/token",
        "jwks_uri": f"{address}/jwks",
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": ["none"],
        "response_types_supported": [],
    }


@router.get("/jwks", response_description="The issuer's keys.")
async def keys(request: Request) -> dict[str, Any]:
    """The public keys that verify the platform's tokens (RFC 7517)."""
    return {"keys": list(app_of(request).signer.published())}


def _error(code: str, description: str, status: int = 400) -> Response:
    body = {"error": code, "error_description": description}
    headers = _NOT_STORED | ({"retry-after": "5"} if status == 503 else {})
    return JSONResponse(body, status, headers)
