"""How long requests take, by method, route and status: `http.server.request.duration`.

The route is its template, never the path: paths hold ids. A request whose trace is kept leaves the
trace's id as an exemplar.
"""

from collections.abc import Callable
from time import perf_counter

from opentelemetry import trace
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.metrics import HTTP_DURATION, UNMEASURED

QUIET = ("/health", "/metrics")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_STREAM = b"text/event-stream"


class HttpMetrics:
    """Middleware, outside of all that may answer. `is_unmeasured` names requests that leave no
    trace in any number; those that end as an event stream are not measured either."""

    def __init__(self, app: ASGIApp, is_unmeasured: Callable[[Scope], bool]) -> None:
        self._app, self._is_unmeasured = app, is_unmeasured

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_quiet(scope):
            await self._app(scope, receive, send)
            return
        if self._is_unmeasured(scope):
            token = UNMEASURED.set(True)
            try:
                await self._app(scope, receive, send)
            finally:
                UNMEASURED.reset(token)
            return
        started, status, is_stream = perf_counter(), 500, False

        async def noted(message: Message) -> None:
            nonlocal status, is_stream
            if message["type"] == "http.response.start":
                status = message["status"]
                is_stream = any(value.startswith(_STREAM) for _, value in message["headers"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            if not is_stream:
                _observe(scope, status, perf_counter() - started)


def _is_quiet(scope: Scope) -> bool:
    return str(scope["path"]).startswith(QUIET)


def _observe(scope: Scope, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
    route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    template = getattr(route, "path_format", "")
    context = trace.get_current_span().get_span_context()
    kept = context.is_valid and context.trace_flags.sampled
    exemplar = {"trace_id": trace.format_trace_id(context.trace_id)} if kept else None
    HTTP_DURATION.labels(method, template, str(status)).observe(seconds, exemplar)
