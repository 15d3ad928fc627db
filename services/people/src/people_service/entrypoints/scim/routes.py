"""SCIM over HTTP, below /scim/v2. Every answer, refusals too, is SCIM's (RFC 7644, section 3.12).

It describes itself at /ServiceProviderConfig, /ResourceTypes and /Schemas, not in the OpenAPI
document.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from scim2_models import Error, ForbiddenException, InvalidSyntaxException, UnauthorizedException
from scim2_server.errors import UnsupportedMediaTypeException
from scim2_server.handler import AsyncScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from starlette.exceptions import HTTPException

from people_service.domain.scim import ScimRules
from people_service.entrypoints.app import app_of
from people_service.entrypoints.scim import PREFIX
from people_service.entrypoints.scim.protocol import ScimProtocol, check_filter, check_size
from people_service.entrypoints.scim.resources import provider
from people_service.entrypoints.scim.store import ScimStore
from servicekit.access import permitted
from servicekit.audit_trail import Account
from servicekit.auth import Authenticator
from servicekit.media_type import is_json
from servicekit.problems import ProblemError

log = logging.getLogger(__name__)

_PERMISSION = "persons.provision"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_OPEN = "ServiceProviderConfig"
"""It says how to authenticate, so it is for everybody (RFC 7643, section 5)."""


def scim_router(rules: ScimRules, token_hashes: Sequence[str], address: str) -> APIRouter:
    """The routes. `token_hashes` are the SHA-256 sums, in hex, of the static tokens that are
    accepted beside those of the platform; `address` is the service's own."""
    described = provider()
    protocol = ScimProtocol(described)
    base_url = f"{address.rstrip('/')}{PREFIX}"
    router = APIRouter(include_in_schema=False)

    async def answer(request: Request, path: str = "") -> Response:
        try:
            client = await _client(request, path, token_hashes)
            endpoint = path.partition("/")[0]
            log.info("scim %s /%s by %s", request.method, endpoint, client.subject)
            asked = await _read(request, base_url, path)
            writing = request.method != "GET" and not f"/{path}".endswith("/.search")
            store = ScimStore(app_of(request).uow, described, rules, client, writes=writing)
            found = await AsyncScimHandler(protocol, store).handle(asked)
        except HTTPException as error:
            found = _refusal(error.status_code, error.detail)
        except ProblemError as error:
            found = _refusal(error.status, error.detail, error.headers)
        except Exception as error:
            found = protocol.error_response(error)
        return _response(found)

    for pattern in (PREFIX, f"{PREFIX}/{{path:path}}"):
        router.add_api_route(pattern, answer, methods=_METHODS, response_class=Response)
    return router


async def _client(request: Request, path: str, token_hashes: Sequence[str]) -> Account:
    """Who asks; with a static token, by the beginning of its sum.

    Raises UnauthorizedException, ForbiddenException or ProblemError.
    """
    if request.method == "GET" and path == _OPEN:
        return Account("anybody")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise UnauthorizedException(detail="Send a bearer token in the Authorization header.")
    digest = hashlib.sha256(token.encode()).hexdigest()
    same = [hmac.compare_digest(digest, known) for known in token_hashes]
    if any(same):
        return Account(f"scim-token-{token_hashes[same.index(True)][:8]}")
    authenticator: Authenticator = request.app.state.authenticator
    caller = await authenticator.authenticate(token)
    if not permitted(caller, _PERMISSION):
        raise ForbiddenException(detail="This needs the role provisioner for the whole region.")
    return Account(caller.subject)


async def _read(request: Request, base_url: str, path: str) -> ScimRequest:
    """The request, whose body other parts of the service have checked as any JSON."""
    query = dict(parse_qsl(request.url.query, keep_blank_values=True))
    check_filter(query.get("filter", ""))
    body = await request.body()
    if body:
        if not is_json(request.headers.get("content-type", "")):
            raise UnsupportedMediaTypeException
        try:
            check_size(json.loads(body))
        except ValueError as error:
            raise InvalidSyntaxException(detail="The body is not JSON.") from error
    return ScimRequest(
        method=request.method,
        base_url=base_url,
        path=f"/{path}",
        query=query,
        headers=request.headers.items(),
        body=body,
    )


def _refusal(status: int, detail: str, headers: Mapping[str, str] | None = None) -> ScimResponse:
    body = Error(status=status, detail=detail).model_dump()
    return ScimResponse(HTTPStatus(status), body, dict(headers or {}))


def _response(found: ScimResponse) -> Response:
    content = b"" if found.body is None else json.dumps(found.body).encode()
    headers = {"Cache-Control": "no-store"} | found.headers
    return Response(content, found.status, headers)
