"""Pages that are the same for everybody who is not signed in: caches keep them for a minute."""

from hashlib import sha256
from typing import Any

from fastapi import Request, Response

from portal_service.entrypoints import cookies
from portal_service.entrypoints.app import app_of
from servicekit.public_answer import is_known

_KEPT = "public, max-age=60"


def public_page(
    request: Request, template: str, away: list[str] | None = None, **context: Any
) -> Response:
    """Nothing is kept of a page for somebody with a session, nor of one with missing parts."""
    page = app_of(request).pages.render(request, template, away=away or [], **context)
    if away or cookies.key_of(request) is not None:
        return page
    tag = f'"{sha256(bytes(page.body)).hexdigest()[:32]}"'
    headers = {"cache-control": _KEPT, "etag": tag, "vary": "accept-language, cookie"}
    if is_known(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    page.headers.update(headers)
    return page
