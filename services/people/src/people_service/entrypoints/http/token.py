"""HTTP of the platform's own issuer: its metadata, its keys, and the exchange of tokens.

Errors are those of OAuth 2.0 (RFC 6749, section 5.2), which every client of it understands.
"""

import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from prometheus_client import Counter
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from people_service.application.exchange import NothingHeld, exchange
from people_service.application.identities import remember_refusal
from people_service.application.ports import BindingRefused, ProviderUnavailable, TokenRefused
from people_service.application.redeeming import Redeemed, TooManyFailures, redeem
from people_service.domain.identity_provider import read
from people_service.entrypoints.app import app_of
from servicekit.audit_trail import Account
from servicekit.client_place import place_of
from servicekit.metrics import TOKEN_REFUSALS

log = logging.getLogger(__name__)

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_KIND = "urn:ietf:params:oauth:token-type:"
ACCESS_TOKEN = f"{_KIND}access_token"
_ACCEPTED = (ACCESS_TOKEN, f"{_KIND}jwt", f"{_KIND}id_token")
SIGN_IN_CODE = "urn:um-platform:params:oauth:token-type:sign-in-code"
_LONGEST = 20_000  # characters of a token
_NOT_STORED = {"cache-control": "no-store"}
WRONG_CODES = Counter("sign_in_codes_wrong", "One-time codes that were not accepted")
CODE_LOCKS = Counter(
    "sign_in_codes_locks", "Times that wrong one-time codes locked all of them for ten minutes"
)


class _FormOfOnce(APIRoute):
    """Each parameter at most once (RFC 6749, section 3.2), and as text."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            try:
                given = (await request.form()).multi_items()
            except HTTPException:
                return _error("invalid_request", "The form cannot be read.")
            names = [name for name, _ in given]
            if repeated := sorted({name for name in names if names.count(name) > 1}):
                return _error("invalid_request", f"Given more than once: {', '.join(repeated)}.")
            if not all(isinstance(value, str) for _, value in given):
                return _error("invalid_request", "Send the parameters as text, not as files.")
            return await handle(request)

        return checked


router = APIRouter(tags=["tokens"], route_class=_FormOfOnce)


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
    responses={status: {"model": TokenErrorBody} for status in (400, 429, 503)},
    response_description="A token of the platform.",
)
async def exchange_token(
    request: Request,
    grant_type: Annotated[str, Form(examples=[GRANT])] = "",
    subject_token: Annotated[
        str, Form(description="The identity provider's token, or the code.")
    ] = "",
    subject_token_type: Annotated[str, Form(examples=[ACCESS_TOKEN])] = ACCESS_TOKEN,
    audience: Annotated[str, Form(description="The platform's, if given.")] = "",
    requested_token_type: Annotated[str, Form(examples=[ACCESS_TOKEN])] = ACCESS_TOKEN,
    actor_token: Annotated[str, Form(description="Not supported: leave it out.")] = "",
) -> Response:
    """Exchange an identity provider's token for one of the platform (RFC 8693), or a one-time code,
    with the `subject_token_type` `urn:um-platform:params:oauth:token-type:sign-in-code`.

    The answer's claim `assignments` lists each role with its unit, as they hold today. It is valid
    for ten minutes, or until a role ends with its day; then the provider's token is exchanged
    again, as often as wanted until it ends.
    """
    app = app_of(request)
    if not grant_type:
        return _error("invalid_request", "Send a form with grant_type and subject_token.")
    if grant_type != GRANT:
        return _error("unsupported_grant_type", f"The only grant_type here is {GRANT}.")
    if subject_token_type not in (*_ACCEPTED, SIGN_IN_CODE):
        accepted = ", ".join((*_ACCEPTED, SIGN_IN_CODE))
        return _error("invalid_request", f"subject_token_type is one of: {accepted}.")
    if requested_token_type != ACCESS_TOKEN or actor_token:
        return _error("invalid_request", "Only access tokens are issued, and to nobody's actor.")
    if audience not in ("", app.token_rules.audience):
        return _error("invalid_target", f"Tokens are for {app.token_rules.audience} only.")
    if not 0 < len(subject_token) <= _LONGEST:
        return _error("invalid_request", "Send the identity provider's token as subject_token.")
    if subject_token_type == SIGN_IN_CODE:
        return await _redeemed(request, subject_token)
    try:
        identity = read(*await app.providers.verified(subject_token))
        async with app.uow() as uow:
            exchanged, refused = None, ""
            try:
                exchanged = await exchange(identity, uow, app.signer, app.token_rules)
                grant = exchanged.grant
            except NothingHeld as error:
                grant, refused = error.grant, str(error)
            if grant.bound is not None:
                uow.by(Account(grant.subject)).audit(
                    "open/exchange_token",
                    f"person/{grant.bound}",
                    after={"changed": ["identities"], "issuer": identity.provider.issuer},
                )
    except BindingRefused as error:
        async with app.uow() as uow:
            await remember_refusal(error, uow)
        log.info("token refused: the identity is not bound: %s", error.why)
        return _error("invalid_grant", str(error))
    except TokenRefused as error:
        log.info("token refused: %s", error)
        return _error("invalid_grant", str(error))
    except ProviderUnavailable as error:
        detail = f"The identity provider {error} does not answer. Try again."
        return _error("temporarily_unavailable", detail, 503, retry_after=5)
    if exchanged is None:
        log.info("token refused: it gives no role that holds today")
        return _error("invalid_grant", refused)
    return _issued(exchanged.token, exchanged.lifetime)


async def _redeemed(request: Request, code: str) -> Response:
    """The answer to a one-time code. Nothing is logged of one that is right, not even that."""
    app = app_of(request)
    place = place_of(request.client.host if request.client else "")
    async with app.uow() as uow:
        became = await redeem(code, place, uow, app.signer, app.token_rules, app.code_limits)
    if isinstance(became, Redeemed):
        return _issued(became.token, became.lifetime)
    if isinstance(became, TooManyFailures):
        seconds = ceil(became.wait.total_seconds())
        detail = f"Too many wrong codes. Try again in {seconds} seconds."
        return _error("slow_down", detail, 429, retry_after=seconds)
    WRONG_CODES.inc()
    if became.locked:
        CODE_LOCKS.inc()
        log.error("one-time codes are locked for ten minutes: too many wrong ones")
    return _error("invalid_grant", "This code is not valid, or its round has closed.")


def _issued(token: str, lifetime: timedelta) -> Response:
    body = TokenBody(
        access_token=token,
        issued_token_type=ACCESS_TOKEN,
        token_type="Bearer",  # noqa: S106 - the kind of token
        expires_in=int(lifetime.total_seconds()),
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


def _error(code: str, description: str, status: int = 400, retry_after: int = 0) -> Response:
    TOKEN_REFUSALS.labels(code).inc()
    body = {"error": code, "error_description": description}
    headers = _NOT_STORED | ({"retry-after": str(retry_after)} if retry_after else {})
    return JSONResponse(body, status, headers)
