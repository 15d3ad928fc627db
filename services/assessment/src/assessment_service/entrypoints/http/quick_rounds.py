"""The usual reading of one round without the framework: with the answer that follows, it is what
people ask for most (ADR 35).

What is not as expected, or is refused, goes the ordinary way.
"""

import re
from types import SimpleNamespace
from uuid import UUID

from opentelemetry import trace
from starlette.types import ASGIApp, Receive, Scope, Send

from assessment_service.domain.errors import DomainError
from assessment_service.entrypoints.http.access import TO_READ_ROUND
from assessment_service.entrypoints.http.rounds import read
from servicekit.access import caller_of
from servicekit.api_info import VERSION_PATH
from servicekit.problems import ProblemError

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PATH = re.compile(f"{VERSION_PATH}/rounds/({_UUID})")
_TEMPLATE = f"{VERSION_PATH}/rounds/{{round_id}}"
_REFUSALS = (ProblemError, DomainError, OSError)


class QuickRounds:
    """Middleware, inside of that which measures requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_get = scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]
        path = _PATH.fullmatch(scope["path"]) if is_get else None
        if not path:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        try:
            caller = await caller_of(scope["app"], headers, TO_READ_ROUND)
            known = headers.get(b"if-none-match", b"").decode("latin-1")
            response = await read(scope["app"].state.app, caller, UUID(path[1]), known)
        except _REFUSALS:
            await self._app(scope, receive, send)
            return
        scope["route"] = SimpleNamespace(path_format=_TEMPLATE)
        span = trace.get_current_span()
        span.update_name(f"GET {_TEMPLATE}")
        span.set_attribute("http.route", _TEMPLATE)
        await response(scope, receive, send)
