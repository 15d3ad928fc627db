"""The two outside systems: what they know, and that their checks are right."""

import ast
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from standardwebhooks import Webhook

from demo import subscriber, webhook_receiver
from devstack import CHECKOUT

CATALOGUE = json.loads((CHECKOUT / "docs/generated/asyncapi.json").read_text(encoding="utf-8"))
SCHEMAS = CHECKOUT / "shared/contracts/schemas"
CHANNELS = subscriber.external_channels(CATALOGUE)
KNOWN = subscriber.validators(set().union(*CHANNELS.values()), SCHEMAS)
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def test_the_subscriber_imports_nothing_of_the_project() -> None:
    tree = ast.parse((CHECKOUT / "demo/src/demo/subscriber.py").read_text(encoding="utf-8"))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    }
    own = {"demo", "devstack", "contracts", "servicekit"}
    assert not names & own
    assert not any(name.endswith("_service") for name in names)


def test_it_finds_the_external_topics_and_no_others() -> None:
    assert set(CHANNELS) == {
        *("external.decision", "external.results", "external.timetable"),
        *("external.unit", "external.wave"),
    }


def record(data: dict[str, Any], **changes: str) -> Any:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "33333333-3333-4333-8333-333333333333",
        "ce_type": "external.wave.started.v1",
        "ce_source": "/workflow",
        "ce_time": "2026-03-02T08:00:00+00:00",
        "ce_subject": "x:1",
        **changes,
    }
    raw = [(name, value.encode()) for name, value in headers.items() if value]
    return SimpleNamespace(headers=raw, value=json.dumps(data).encode())


GOOD = {"rollout_id": "11111111-1111-4111-8111-111111111111", "wave": 1}


def test_a_published_event_is_understood() -> None:
    event = subscriber.understand(record(GOOD), KNOWN)
    assert event["problems"] == []
    assert subscriber.line(event).endswith(" wave=1")


@pytest.mark.parametrize(
    ("data", "changes"),
    [
        ({**GOOD, "wave": -1}, {}),
        ({"wave": 1}, {}),
        (GOOD, {"ce_type": "external.wave.exploded.v1"}),
        (GOOD, {"ce_id": ""}),
    ],
)
def test_what_breaks_the_catalogue_is_reported(
    data: dict[str, Any], changes: dict[str, str]
) -> None:
    event = subscriber.understand(record(data, **changes), KNOWN)
    assert event["problems"]
    assert subscriber.line(event).startswith("INVALID")


def signed(body: bytes) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(SECRET).sign("msg_1", now, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


def test_a_genuine_webhook_is_taken_and_every_mutation_is_not() -> None:
    body = b'{"type":"external.wave.started.v1"}'
    headers = signed(body)
    assert webhook_receiver.verdict(SECRET, headers, body) == ""
    assert webhook_receiver.verdict(SECRET, headers, body + b" ")
    for name in headers:
        assert webhook_receiver.verdict(SECRET, {**headers, name: headers[name][:-1] + "~"}, body)
        assert webhook_receiver.verdict(
            SECRET, {n: v for n, v in headers.items() if n != name}, body
        )
