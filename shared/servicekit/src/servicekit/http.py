"""A service's HTTP listener: problems, body limit, tracing, health. Routers add the rest."""

import asyncio
import resource
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit import problems, unit_versions_routes
from servicekit.api_info import API_VERSION, CONTACT, LICENCE, VERSION_PATH, info_router
from servicekit.audit_routes import audit_router
from servicekit.auth import Authenticator
from servicekit.connections import Connections
from servicekit.dead_letter_routes import dead_letter_router
from servicekit.even_length import EvenLength
from servicekit.health import health_router
from servicekit.http_metrics import QUIET, HttpMetrics
from servicekit.json_body import JsonCheck
from servicekit.openapi import DocumentedApi
from servicekit.operation import Backlogs, nothing_waits
from servicekit.operation_routes import operation_router
from servicekit.query_names import check_query_names
from servicekit.request_limit import RequestLimit
from servicekit.settings import Audit, Http, Kafka, Limits
from servicekit.workbook_file import FILE_TYPES

MAX_BODY_BYTES = 1024 * 1024
MAX_FILE_BYTES = 32 * 1024 * 1024
"""Of a CSV file or a workbook: 100,000 lines of 300 bytes."""
_FILE_TYPES = tuple(one.encode() for one in FILE_TYPES)
_STOP_SECONDS = 10


class BodyLimit:
    """Refuses a body over its limit, announced or not, before it is all in memory: MAX_BODY_BYTES,
    of a file MAX_FILE_BYTES, of a form that uploads one `upload_bytes`.

    FastAPI's own limit answers in plain text.
    """

    def __init__(self, app: ASGIApp, upload_bytes: int = MAX_BODY_BYTES) -> None:
        self._app, self._upload_bytes = app, upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        announced = headers.get(b"content-length", b"0")
        kind = headers.get(b"content-type", b"").lower()
        limit = MAX_FILE_BYTES if kind.startswith(_FILE_TYPES) else MAX_BODY_BYTES
        if kind.startswith(b"multipart/form-data"):
            limit = self._upload_bytes
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if max(size, int(announced)) > limit:
                raise HTTPException(413, f"A body may have {limit} bytes at most.")
            return message

        await self._app(scope, counted, send)


def create_api(
    *,
    title: str,
    description: str,
    routers: Sequence[APIRouter],
    unversioned: Sequence[APIRouter] = (),
    engine: AsyncEngine,
    authenticator: Authenticator,
    app: object,
    limits: Limits,
    audit: Audit,
    kafka: Kafka,
    refusals: type[Exception],
    untraced: Callable[[str], bool] = lambda path: False,
    of_one_length: Callable[[str], bool] = lambda path: False,
    quick: Callable[[ASGIApp], ASGIApp] | None = None,
    roles: Sequence[str] = ("api", "worker"),
    backlogs: Backlogs = nothing_waits,
) -> FastAPI:
    """The API of one service. The paths of `routers` begin with its version.

    `app` is the service's own application object, reached as `request.app.state.app`.
    The title in lower case is what the names of its consumer groups begin with.
    `refusals` is the domain's error class. `untraced` says which paths leave no trace at all,
    `of_one_length` to which all responses have one length: those are not counted or timed either.
    `quick`: middleware that answers what need not go through the others, inside of that for the
    length.
    `roles`: those that a process of the service can have. `backlogs`: what waits in its database.
    """

    def excluded(scope: Any) -> bool:
        path = scope.get("path", "")
        return path.startswith(QUIET) or untraced(path)

    api = DocumentedApi(
        title=title,
        description=description,
        version=API_VERSION,
        servers=[{"url": "/", "description": "This service"}],
        contact=CONTACT,
        license_info=LICENCE,
        telemetry={"operation_spans": False, "metrics": False, "logs": False, "exclude": excluded},
    )
    api.add_middleware(JsonCheck)
    api.add_middleware(BodyLimit)
    if quick:
        api.add_middleware(quick)

    def of_answers(scope: Scope) -> bool:
        return of_one_length(scope["path"])

    api.add_middleware(
        RequestLimit, limits=limits, authenticator=authenticator, is_unmeasured=of_answers
    )
    api.add_middleware(EvenLength, is_even=of_answers, unexpected=problems.on_anything)
    api.add_middleware(HttpMetrics, is_unmeasured=of_answers)
    api.state.app = app
    api.state.authenticator = authenticator
    problems.install(api, refusals)
    api.include_router(health_router(engine))
    checked = [Depends(check_query_names)]
    everywhere = (
        audit_router(audit.signing_keys),
        dead_letter_router(title.lower(), kafka),
        operation_router(roles, backlogs),
        unit_versions_routes.router,
    )
    for router in (info_router(title), *routers, *everywhere):
        api.include_router(router, prefix=VERSION_PATH, dependencies=checked)
    for router in unversioned:
        api.include_router(router, dependencies=checked)
    api.include_router(info_router(title), include_in_schema=False)
    return api


def create_health_api(engine: AsyncEngine) -> FastAPI:
    """The listener of a process without an API of its own: health and metrics."""
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry={"tracing": False})
    api.include_router(health_router(engine))
    return api


class HttpServer:
    """uvicorn as a component of a process."""

    def __init__(self, api: FastAPI, settings: Http) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each connection is a file
        self._connections = Connections(settings.limits, settings.trusted_proxies)
        self._server = uvicorn.Server(
            uvicorn.Config(
                api,
                http=self._connections.protocol,  # type: ignore[arg-type]  # made like a class
                ws="none",
                host=settings.host,
                port=settings.port,
                access_log=False,
                log_config=None,
                server_header=False,
                forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
                timeout_graceful_shutdown=_STOP_SECONDS,
            )
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until stopped; then finish the requests under way, within a deadline."""
        # The runtime handles the signals of the whole process, not uvicorn.
        serving = asyncio.create_task(self._server._serve())
        stopping = asyncio.create_task(stop.wait())
        open_ones = self._server.server_state.connections
        watching = asyncio.create_task(self._connections.end_slow_ones(open_ones, stop))
        await asyncio.wait({serving, stopping, watching}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        watching.cancel()
        self._server.should_exit = True
        await serving
        if not stop.is_set():
            raise RuntimeError("the HTTP listener ended by itself")
