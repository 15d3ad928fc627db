"""Every error a client can see, as application/problem+json (RFC 9457), rendered only here."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from opentelemetry import trace
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from servicekit.failures import DRIVER_ERRORS, is_invalid_value, is_unavailable
from servicekit.json_body import UnfitJson
from servicekit.media_type import is_json

log = logging.getLogger(__name__)

TYPE_BASE = "https://um-platform.example.se/problems/"
Kind = Literal["invalid", "forbidden", "not_found", "conflict", "gone"]
STATUS: dict[str, int] = {
    "invalid": 422,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
}
HTTP_CODES = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
    431: "headers-too-large",
    503: "unavailable",
}


PATTERNS = {
    r"^[a-z0-9][a-z0-9-]{0,62}$": "1 to 63 of a-z, 0-9 and '-', starting with a letter or digit.",
    r"^[a-z0-9][a-z0-9_-]{0,62}$": "1 to 63 of a-z, 0-9, '-' and '_', starting with a letter or"
    " digit.",
    r"^[A-Za-z0-9._-]+$": "letters a-z, digits, '.', '-' and '_'.",
    r"^[^\x00]*$": "a text without the character U+0000.",
    r"^[a-z]{2}$": "a language code of two letters, such as sv.",
    r"\S": "a text that is not blank.",
}
"""What the patterns of the services' schemas mean, in words."""


class FieldError(BaseModel):
    """One thing wrong in the request."""

    pointer: str = Field(
        description="JSON pointer (RFC 6901) that begins with /body, /query, /path or /header;"
        " /rows/<line>/<column> for CSV."
    )
    detail: str
    code: str | None = Field(default=None, description="Stable; of what is wrong in a file.")
    parameters: dict[str, str] | None = Field(
        default=None, description="The values in the detail, by name, to put it into other words."
    )


class Problem(BaseModel):
    """A problem document."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    code: str = Field(description="Stable, kebab-case; the last part of `type`.")
    trace_id: str | None = None
    errors: list[FieldError] | None = None
    roles: list[str] | None = Field(
        default=None, description="Where the caller's roles are not enough: those that are."
    )


class ProblemError(Exception):
    """Raised at the edge for what is wrong with a request before any domain code runs."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: dict[str, str] | None = None,
        roles: Sequence[str] = (),
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers
        self.roles = roles


@runtime_checkable
class Refusal(Protocol):
    """A domain error: what a service's own `DomainError` looks like from here."""

    code: str
    kind: Kind
    detail: str
    errors: Sequence[Mapping[str, Any]]


def document(status: int, code: str, detail: str) -> Problem:
    """The problem, without what belongs to one request."""
    title = code.replace("-", " ").capitalize()
    return Problem(type=TYPE_BASE + code, title=title, status=status, detail=detail, code=code)


def render(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[FieldError] | None = None,
    headers: dict[str, str] | None = None,
    roles: Sequence[str] = (),
) -> JSONResponse:
    """The problem response. Private and never cached."""
    problem = document(status, code, detail)
    problem.instance = request.url.path
    context = trace.get_current_span().get_span_context()
    problem.trace_id = trace.format_trace_id(context.trace_id) if context.is_valid else None
    problem.errors, problem.roles = list(errors or ()) or None, list(roles) or None
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=status,
        media_type="application/problem+json",
        headers={"cache-control": "no-store", **(headers or {})},
    )


def _pointer(location: Sequence[Any]) -> str:
    parts = (str(part).encode("utf-8", "replace").decode() for part in location)
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _place(error: Mapping[str, Any], body: Any) -> Sequence[Any]:
    """Pydantic's location of an error. In a body that was read, without the parts that are none of
    its members, such as a `[key]` or the kind of a union; a member that is missing stays."""
    location: Sequence[Any] = error["loc"]
    if location[0] != "body" or not isinstance(body, dict | list):
        return location
    place, inner = ["body"], body
    for part in location[1:]:
        if (isinstance(inner, dict) and part in inner) or (
            isinstance(inner, list) and isinstance(part, int) and part < len(inner)
        ):
            inner = inner[part]
        elif error["type"] != "missing" or part != location[-1]:
            continue
        place.append(part)
    return place


def _of_body(pointer: str) -> str:
    """A domain names places in the document that it was given: in a request, that is the body."""
    return pointer if pointer.startswith(("/body", "/rows")) else f"/body{pointer}"


def _detail(error: Mapping[str, Any]) -> str:
    """Pydantic's message; for a text of the wrong form, what is expected and no pattern."""
    if error["type"] != "string_pattern_mismatch":
        return str(error["msg"]).removeprefix("Value error, ")
    expected = PATTERNS.get(error.get("ctx", {}).get("pattern", ""))
    return f"Expected: {expected}" if expected else "The text does not have the expected form."


def _where_json_ends(error: RequestValidationError, broken: Mapping[str, Any]) -> str:
    """Where the body stops being JSON, as line and column, and why."""
    text, position = str(error.body), int(broken["loc"][-1])
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    why = broken.get("ctx", {}).get("error", "it cannot be read")
    return f"The body is not JSON at line {line}, column {column}: {why}."


async def _on_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if broken := next((each for each in found if each["type"] == "json_invalid"), None):
        return render(request, 400, "malformed-json", _where_json_ends(error, broken))
    errors = [FieldError(pointer=_pointer(_place(e, error.body)), detail=_detail(e)) for e in found]
    header = next((e for e in errors if e.pointer.lower() == "/header/idempotency-key"), None)
    if header:
        detail = "Send an Idempotency-Key header of 1 to 255 characters with every POST."
        return render(request, 400, "idempotency-key-missing", detail)
    sent_as = request.headers.get("content-type", "")
    if sent_as and not is_json(sent_as) and any(e.pointer == "/body" for e in errors):
        kind = sent_as.partition(";")[0]
        detail = f"Send the body with Content-Type: application/json; it came as {kind!r}."
        return render(request, 415, "unsupported-media-type", detail)
    detail = "The request is not valid; `errors` lists what is wrong, and where."
    return render(request, 422, "invalid-request", detail, errors=errors)


async def _on_unfit_json(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, UnfitJson)
    errors = [FieldError(pointer=at, detail="The name appears twice.") for at in error.pointers]
    return render(request, error.status_code, error.code, error.detail, errors=errors)


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = HTTP_CODES.get(error.status_code, "http-error")
    headers = dict(error.headers) if error.headers else {}
    if error.status_code == 405:
        headers = {"allow": ", ".join(sorted(_methods_at(request)) or [headers.get("Allow", "")])}
    return render(request, error.status_code, code, str(error.detail), headers=headers)


def _methods_at(request: Request) -> set[str]:
    """Every method of this path: each route by itself knows its own only."""
    return {
        method.upper()
        for path, methods in request.app.openapi()["paths"].items()
        if compile_path(path)[0].match(request.url.path)
        for method in methods
    }


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)
    more: dict[str, Any] = {"headers": error.headers, "roles": error.roles}
    return render(request, error.status, error.code, error.detail, **more)


async def _on_database(request: Request, error: Exception) -> JSONResponse:
    if is_invalid_value(error):  # For values that a route's own validation let through.
        log.warning("invalid value: %s", type(error).__name__)
        detail = "A value in the request cannot be stored: a NUL in a text, or a number too large."
        return render(request, 422, "invalid-value", detail)
    if not is_unavailable(error):
        return await on_anything(request, error)
    log.warning("database unavailable: %s", type(error).__name__)
    # The answer to a COMMIT may have been lost with the connection.
    detail = "The database does not answer. Send the request again, with the same Idempotency-Key."
    return render(request, 503, "unavailable", detail, headers={"retry-after": "2"})


async def on_anything(request: Request, error: Exception) -> JSONResponse:
    """The problem of an error that nothing else answers; it is logged."""
    if isinstance(error, Refusal):
        errors = [
            FieldError.model_validate({**entry, "pointer": _of_body(entry["pointer"])})
            for entry in error.errors
        ]
        return render(request, STATUS[error.kind], error.code, error.detail, errors=errors)
    log.error("unhandled %s", type(error).__name__, exc_info=error)
    detail = "Something went wrong on our side. Report the trace id."
    return render(request, 500, "internal-error", detail)


def install(api: FastAPI, refusals: type[Exception]) -> None:
    """Answer every error of this API with a problem document. `refusals`: the domain's error."""
    api.add_exception_handler(RequestValidationError, _on_validation)
    api.add_exception_handler(UnfitJson, _on_unfit_json)
    api.add_exception_handler(HTTPException, _on_http)
    api.add_exception_handler(ProblemError, _on_problem)
    api.add_exception_handler(refusals, on_anything)
    # asyncpg's own errors arrive unwrapped while a connection is being made.
    for failure in (DBAPIError, PoolTimeoutError, OSError, *DRIVER_ERRORS):
        api.add_exception_handler(failure, _on_database)
    api.add_exception_handler(Exception, on_anything)
