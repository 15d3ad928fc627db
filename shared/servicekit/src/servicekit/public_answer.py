"""Answers that are the same for everybody: caches keep them for a minute, then ask whether they
changed (RFC 9111; `If-None-Match` as in RFC 9110, section 13.1.2)."""

from hashlib import sha256

from fastapi import Request, Response
from pydantic import BaseModel

_KEPT_SECONDS = 60


def public_answer(request: Request, body: BaseModel) -> Response:
    """The body, or 304 without one for somebody who has it already."""
    content = body.model_dump_json().encode()
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": f"public, max-age={_KEPT_SECONDS}"}
    if is_known(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether the header names this entity tag; a weak one (`W/`) counts like a strong one."""
    named = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return tag in named or "*" in named
