"""HTTP: the JSON Schemas of all events, at the paths of the addresses that an event's `dataschema`
and a schema's `$id` name. They need no token."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from notification_service.entrypoints.app import app_of
from servicekit.problems import ProblemError

router = APIRouter(prefix="/schemas", tags=["event schemas"])
_MEDIA_TYPE = "application/schema+json"
_HOUR, _YEAR = 3600, 365 * 24 * 3600
_EXAMPLE = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The schema of the event's `data`.",
        "content": {_MEDIA_TYPE: {"schema": {"type": "object"}, "example": _EXAMPLE}},
    }
}

EventType = Annotated[
    str, Path(max_length=100, examples=["external.wave.started.v1"], description="With its version")
]
Revision = Annotated[
    str, Path(max_length=10, examples=["0001"], description="Counts from 0001; never changes.")
]


@router.get("/{event_type}.json", response_class=Response, responses=_ANSWER)
async def get_newest_event_schema(request: Request, event_type: EventType) -> Response:
    """The newest schema of an event type. Fields are added over time; none is removed."""
    return _schema(request, f"{event_type}.json", _HOUR)


@router.get("/{event_type}/{revision}.json", response_class=Response, responses=_ANSWER)
async def get_event_schema_revision(
    request: Request, event_type: EventType, revision: Revision
) -> Response:
    """One revision of an event type's schema, as it was published."""
    return _schema(request, f"{event_type}/{revision}.json", _YEAR)


def _schema(request: Request, name: str, seconds: int) -> Response:
    content = app_of(request).event_schemas.get(name)
    if content is None:
        detail = "There is no such schema. GET /v1/event-types lists the event types."
        raise ProblemError(404, "not-found", detail)
    headers = {"cache-control": f"public, max-age={seconds}"}
    return Response(content, media_type=_MEDIA_TYPE, headers=headers)
