"""Answers that a client may keep: with an entity tag, and 304 for who has it already (RFC 9110,
section 13.1.2)."""

from hashlib import sha256
from typing import Any

from fastapi import Response

from servicekit.public_answer import is_known

ASK_EACH_TIME = "private, no-cache"
NEVER_CHANGES = "private, max-age=31536000, immutable"
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client has it already: If-None-Match named its entity tag."}
}


def kept_answer(content: bytes, keep: str, if_none_match: str) -> Response:
    """The JSON content. `keep`: for how long without asking. `if_none_match`: the request's
    header; empty without it."""
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": keep}
    if is_known(tag, if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)
