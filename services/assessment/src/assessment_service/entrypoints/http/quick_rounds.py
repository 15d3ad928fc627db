"""The usual reading of one round without the framework: with the answer that follows, it is what
people ask for most (ADR 35).

What is not as expected, or is refused, goes the ordinary way.
"""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from uuid import UUID

from fastapi import FastAPI, Response
from opentelemetry import trace
from starlette.types import ASGIApp, Receive, Scope, Send

from assessment_service.domain.errors import DomainError
from assessment_service.entrypoints.http.access import TO_READ_ROUND
from assessment_service.entrypoints.http.rounds import read
from servicekit.access import known_caller
from servicekit.api_info import VERSION_PATH
from servicekit.failures import DRIVER_ERRORS
from servicekit.problems import ProblemError

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ROUND_PATH = f"{VERSION_PATH}/rounds/({_UUID})"
_PATH = re.compile(ROUND_PATH)
_TEMPLATE = f"{VERSION_PATH}/rounds/{{round_id}}"
_REFUSALS = (ProblemError, DomainError, OSError, *DRIVER_ERRORS)


class QuickRounds:
    """Middleware, inside of that which measures requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_get = scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]
        path = _PATH.fullmatch(scope["path"]) if is_get else None
        headers = dict(scope["headers"]) if path else {}
        response = None
        if path and len(headers) == len(scope["headers"]):  # none is given twice
            response = await self._read(scope["app"], headers, UUID(path[1]))
        if response is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = SimpleNamespace(path_format=_TEMPLATE)
        span = trace.get_current_span()
        span.update_name(f"GET {_TEMPLATE}")
        span.set_attribute("http.route", _TEMPLATE)
        await response(scope, receive, send)

    async def _read(
        self, api: FastAPI, headers: Mapping[bytes, bytes], round_id: UUID
    ) -> Response | None:
        """The response; None if the request has to go the ordinary way."""
        try:
            caller = known_caller(api, headers, TO_READ_ROUND)
            if caller is None:
                return None
            known = headers.get(b"if-none-match", b"").decode("latin-1")
            return await read(api.state.app, caller, round_id, known)
        except _REFUSALS:
            return None
