"""The payloads of webhooks, as OpenAPI 3.1 `webhooks` and in the list of event types."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from inspect import getdoc
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI, Header
from pydantic import BaseModel, ConfigDict, Field, create_model

from contracts import Event
from notification_service.entrypoints.http.webhook_schemas import EventTypeBody

_RESPONSES: dict[int | str, dict[str, Any]] = {
    204: {"description": "Stored. Any 2xx means the same."},
    410: {"description": "No more deliveries: disables the subscription."},
    422: {"description": "This, and every other status: the delivery is sent again later."},
}

Id = Annotated[
    str, Header(alias="webhook-id", description="Of the delivery: drop one seen before.")
]
Time = Annotated[
    int, Header(alias="webhook-timestamp", description="Seconds since 1970 of this attempt.")
]
Signature = Annotated[
    str,
    Header(
        alias="webhook-signature",
        description="`v1,<base64 HMAC-SHA256>`, one for each secret that is valid, by spaces.",
    ),
]


def event_types(
    published: Iterable[type[Event]], samples: Mapping[str, bytes]
) -> list[EventTypeBody]:
    """The event types by name, each with its schema and its newest sample."""
    return [
        EventTypeBody(
            event_type=event.TYPE,
            description=getdoc(event) or "",
            json_schema=event.model_json_schema(),
            sample=json.loads(samples[event.TYPE]),
        )
        for event in sorted(published, key=lambda event: event.TYPE)
    ]


def describe_webhooks(
    api: FastAPI, published: Iterable[type[Event]], samples: Mapping[str, bytes]
) -> None:
    """Add each event to the `webhooks` of the API's OpenAPI document."""
    for event in published:
        api.webhooks.add_api_route(
            event.TYPE,
            _endpoint(_payload(event, samples[event.TYPE])),
            methods=["POST"],
            name=event.TYPE,
            summary=event.TYPE,
            description=getdoc(event),
            tags=["webhooks"],
            status_code=204,
            responses=_RESPONSES,
        )


def _payload(event: type[Event], sample: bytes) -> type[BaseModel]:
    """The body of a webhook with this event."""
    fields: dict[str, Any] = {
        "id": (UUID, Field(description="Of the event, as `ce_id` on Kafka: at every delivery.")),
        "type": (Literal[event.TYPE], Field()),
        "timestamp": (datetime, Field(description="When it happened.")),
        "test": (bool, Field(default=False, description="True if a person asked for a test.")),
        "data": (event, Field()),
    }
    example = {
        "id": "5f0b2c1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
        "type": event.TYPE,
        "timestamp": "2026-09-01T08:00:00+00:00",
        "data": json.loads(sample),
    }
    config = ConfigDict(json_schema_extra={"examples": [example]})
    name = f"{event.__name__}Webhook"
    return create_model(name, __doc__=getdoc(event), __config__=config, **fields)


def _endpoint(payload: type[BaseModel]) -> Any:
    """A function for FastAPI to describe; nothing calls it."""

    def deliver(body: Any, id_: Id, timestamp: Time, signature: Signature) -> None: ...

    deliver.__annotations__["body"] = payload
    return deliver
