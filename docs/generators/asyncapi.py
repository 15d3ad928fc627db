"""docs/generated/asyncapi.json: the event catalogue for machines, AsyncAPI 3.0."""

import json
from pathlib import Path
from typing import Any

from contracts import Event
from contracts.registry import EVENTS, TOPICS, Topic, owner_of

_REF = "#/components/schemas/{model}"
_HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_subject"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "Drop an id you have seen."},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": {"type": "string", "description": "The record key."},
        "ce_dataschema": {"type": "string", "format": "uri"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C trace context."},
    },
}


def _message_id(event: type[Event]) -> str:
    return event.__name__


def _channel(topic: Topic) -> dict[str, Any]:
    members = [event for event in EVENTS.values() if topic.name == event.TOPIC]
    return {
        "address": topic.name,
        "description": f"Produced by {topic.owner} only. Audience: {topic.audience}.",
        "tags": [{"name": topic.audience}],
        "messages": {
            _message_id(event): {"$ref": f"#/components/messages/{_message_id(event)}"}
            for event in members
        },
        "bindings": {"kafka": {"partitions": topic.partitions}},
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.TYPE,
        "title": event.__name__,
        "summary": (event.__doc__ or "").strip(),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string"}}},
        "tags": [{"name": owner_of(event)}],
    }


def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = {"CloudEventHeaders": _HEADERS}
    for event in EVENTS.values():
        schema = event.model_json_schema(mode="validation", ref_template=_REF)
        found.update(schema.pop("$defs", {}))
        found[event.__name__] = schema
    return dict(sorted(found.items()))


def _key(topic: str) -> str:
    return topic.replace(".", "_")


def document() -> dict[str, Any]:
    """The whole AsyncAPI document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Utvecklande medarbetarskap: events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 over Kafka, binary content mode. At least once; "
            "ordered per key. Other systems read channels tagged `external`.",
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "regional": {
                "host": "{bootstrapServers}",
                "protocol": "kafka",
                "variables": {"bootstrapServers": {"default": "localhost:9092"}},
            }
        },
        "channels": {_key(name): _channel(topic) for name, topic in TOPICS.items()},
        "operations": {
            f"{topic.owner}_sends_{_key(name)}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{_key(name)}"},
            }
            for name, topic in TOPICS.items()
        },
        "components": {
            "messages": {_message_id(event): _message(event) for event in EVENTS.values()},
            "schemas": _schemas(),
        },
    }


def files(root: Path) -> dict[Path, str]:
    text = json.dumps(document(), indent=2, ensure_ascii=False)
    return {Path("docs/generated/asyncapi.json"): text}
