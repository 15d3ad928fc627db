"""Idempotency keys: the same POST twice has one effect and one answer.

The key is stored in the effect's transaction. While the first request is under way,
another one with the same key is refused at once with a Retry-After: if repeats of one slow POST
waited for it, they would hold every connection. Later they get the same answer
(draft-ietf-httpapi-idempotency-key-header).
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import text

from servicekit.auth import Principal, authenticated
from servicekit.db import Transaction
from servicekit.media_type import media_type
from servicekit.problems import ProblemError

_CLAIM = text("""
    insert into idempotency_keys (caller, key, fingerprint)
    select cast(:caller as text), cast(:key as text), cast(:fingerprint as bytea)
    where pg_try_advisory_xact_lock(
        hashtextextended(cast(:caller as text), hashtextextended(cast(:key as text), 0))
    )
    on conflict do nothing
""")
_FIND = text("""
    select fingerprint, status, body from idempotency_keys where caller = :caller and key = :key
""")
_STORE = text("""
    update idempotency_keys set status = :status, body = :body
    where caller = :caller and key = :key
""")
_JSON = media_type("application/json")


@dataclass(frozen=True)
class IdempotentRequest:
    """Who asks, under which key, for what (a digest of method, path, query, content type and
    body)."""

    caller: str
    key: str
    fingerprint: bytes


async def idempotent_request(
    request: Request,
    principal: Annotated[Principal, Depends(authenticated)],
    key: Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255)],
) -> IdempotentRequest:
    """FastAPI dependency. The key is scoped by caller: nobody can fetch another's answer."""
    kind = media_type(request.headers.get("content-type", "application/json"))
    # JSON goes without saying, as in the digests that were stored before other types were named.
    named = "" if kind == _JSON else f" {kind}"
    asked = f"{request.method} {request.url.path}?{request.url.query}{named}\n"
    digest = hashlib.sha256(asked.encode() + await request.body())
    return IdempotentRequest(principal.subject, key, digest.digest())


IdempotencyKey = Annotated[IdempotentRequest, Depends(idempotent_request)]


async def idempotent(
    uow: Transaction,
    request: IdempotentRequest,
    produce: Callable[[], Awaitable[BaseModel]],
    status: int = 200,
) -> Response:
    """Produce the answer once; later requests with the same key get the stored bytes.

    Raises ProblemError 409 while the first one is under way, 422 if the key was used for another,
    410 if the answer named somebody who was erased since.
    """
    connection = uow.connection
    who = {"caller": request.caller, "key": request.key}
    claimed = await connection.execute(_CLAIM, {**who, "fingerprint": request.fingerprint})
    if claimed.rowcount == 0:
        stored = (await connection.execute(_FIND, who)).one_or_none()
        if stored is None:
            detail = "A request with this Idempotency-Key is under way. Repeat yours in a moment."
            raise ProblemError(409, "request-in-progress", detail, headers={"retry-after": "1"})
        if stored.fingerprint != request.fingerprint:
            raise ProblemError(
                422,
                "idempotency-key-reused",
                "This Idempotency-Key was used for another request. Use a new one.",
            )
        if stored.body is None:
            detail = (
                "The answer named a person who was erased since. What was done is not done again."
            )
            raise ProblemError(410, "answer-erased", detail)
        return Response(stored.body, stored.status, media_type="application/json")
    body = (await produce()).model_dump_json().encode()
    await connection.execute(_STORE, {**who, "status": status, "body": body})
    return Response(body, status, media_type="application/json")
