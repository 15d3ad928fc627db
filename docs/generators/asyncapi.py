"""docs/generated/asyncapi.json: the event catalogue for machines, AsyncAPI 3.0."""

import json
from pathlib import Path
from typing import Any

from contracts import Event
from contracts.registry import EVENTS, TOPICS, Topic, owner_of
from servicekit.samples import sample_of

_REF = "#/components/schemas/{model}"
_HEADERS = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {"type": "string", "format": "uuid", "description": "Drop an id you have seen."},
    "ce_source": {"type": "string"},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_subject": {"type": "string", "description": "The record key."},
    "ce_partitionkey": {"type": "string", "description": "The record key."},
    "content-type": {"const": "application/json"},
    "traceparent": {"type": "string", "description": "W3C trace context."},
}
_OPTIONAL = {"traceparent"}
_SAMPLE_ID = "3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"


def _headers(event: type[Event]) -> dict[str, Any]:
    """CloudEvents in binary mode: `ce_type` and `ce_dataschema` are fixed for each message."""
    properties = {
        **_HEADERS,
        "ce_type": {"const": event.TYPE},
        "ce_dataschema": {"const": event.schema_url()},
    }
    return {
        "type": "object",
        "required": sorted(properties.keys() - _OPTIONAL),
        "properties": dict(sorted(properties.items())),
    }


def _example(event: type[Event]) -> dict[str, Any]:
    schema = event.model_json_schema(mode="validation")
    payload = sample_of(schema, schema.get("$defs", {}))
    key = event.model_validate(payload).key
    headers = {
        "ce_specversion": "1.0",
        "ce_id": _SAMPLE_ID,
        "ce_type": event.TYPE,
        "ce_source": f"/um-platform/{owner_of(event)}",
        "ce_time": "2026-09-01T08:00:00+00:00",
        "ce_subject": key,
        "ce_partitionkey": key,
        "ce_dataschema": event.schema_url(),
        "content-type": "application/json",
    }
    return {"name": "sample", "headers": headers, "payload": payload}


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
        "headers": _headers(event),
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {"kafka": {"key": _kafka_key(event)}},
        "examples": [_example(event)],
        "tags": [{"name": owner_of(event)}],
    }


def _kafka_key(event: type[Event]) -> dict[str, Any]:
    fields = " and ".join(f"`{name}`" for name in event.KEY_FIELDS)
    joined = ", joined by `:`" if len(event.KEY_FIELDS) > 1 else ""
    return {"type": "string", "description": f"{fields}{joined}. Order is kept per key."}


def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
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
                "security": [{"$ref": "#/components/securitySchemes/scram"}],
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
            "securitySchemes": {
                "scram": {
                    "type": "scramSha512",
                    "description": "An account of your own over TLS, from central IT; it may read"
                    " `external.*` only.",
                }
            },
            "messages": {_message_id(event): _message(event) for event in EVENTS.values()},
            "schemas": _schemas(),
        },
    }


def files(root: Path) -> dict[Path, str]:
    text = json.dumps(document(), indent=2, ensure_ascii=False)
    return {Path("docs/generated/asyncapi.json"): text}
