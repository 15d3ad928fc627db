"""The event contracts: what is committed is what the code says, and no change breaks a reader."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts import Event, EventDecodingError, Message
from contracts.registry import EVENTS, TOPICS, owner_of
from support.compatibility import incompatibilities

CONTRACTS = Path(__file__).parents[2] / "shared" / "contracts"
PERSONAL = {
    "name",
    "email",
    "phone",
    "personnummer",
    "subject",
    "sub",
    "recipient_id",
    "text",
    "person_id",
    "manager_id",
}


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONTRACTS / "schemas" / f"{name}.json").read_text())
    return found


def history(name: str) -> list[dict[str, Any]]:
    files = sorted((CONTRACTS / "published" / name).glob("*.json"))
    return [json.loads(file.read_text()) for file in files]


@pytest.mark.parametrize("name", EVENTS)
def test_every_shape_ever_published_can_still_be_read(name: str) -> None:
    samples = sorted((CONTRACTS / "samples" / name).glob("*.json"))
    assert len(samples) == len(history(name)) >= 1
    for sample in samples:
        EVENTS[name].model_validate_json(sample.read_text())


def test_every_type_ever_published_still_exists() -> None:
    assert {folder.name for folder in (CONTRACTS / "published").iterdir()} == EVENTS.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_the_current_schema_is_compatible_with_every_published_one(name: str) -> None:
    for published in history(name):
        assert incompatibilities(published, schema(name)) == []


@pytest.mark.parametrize("name", EVENTS)
def test_the_newest_sample_is_valid_against_the_schema(name: str) -> None:
    newest = sorted((CONTRACTS / "samples" / name).glob("*.json"))[-1]
    Draft202012Validator.check_schema(schema(name))
    Draft202012Validator(schema(name)).validate(json.loads(newest.read_text()))


def test_no_service_uses_a_retired_type() -> None:
    retired = [event.__name__ for event in EVENTS.values() if event.RETIRED]
    assert retired
    sources = (CONTRACTS.parents[1] / "services").rglob("src/**/*.py")
    using = [(p.name, name) for p in sources for name in retired if name in p.read_text()]
    assert using == []


def test_types_are_named_by_the_rule() -> None:
    for name, event in EVENTS.items():
        area, aggregate, fact, major = name.split(".")
        assert f"{area}.{aggregate}" == event.TOPIC
        assert fact.split("_")[-1].endswith(
            ("ed", "held", "sent", "chosen", "back", "off", "overridden", "stuck", "withdrawn")
        ), name
        assert major == "v1"
        assert area in (owner_of(event), "external")


def test_no_event_carries_personal_data() -> None:
    for name, event in EVENTS.items():
        if event.RETIRED:
            continue
        allowed = (
            {"name"} if name.startswith(("workflow.unit.", "workflow.rollout.created")) else set()
        )
        assert not (set(event.model_fields) & PERSONAL) - allowed, name


def test_every_event_says_what_it_means() -> None:
    for event in EVENTS.values():
        assert (event.__doc__ or "").strip().endswith("."), event


def test_topics_have_one_owner() -> None:
    for topic in TOPICS.values():
        owners = {owner_of(event) for event in EVENTS.values() if topic.name == event.TOPIC}
        assert owners == {topic.owner}


BREAKING = {
    "a field is gone": lambda s: s["properties"].pop("unit_id"),
    "a new field is required": lambda s: (
        s["properties"].update(extra={"type": "string"}),
        s["required"].append("extra"),
    ),
    "a type changed": lambda s: s["properties"]["instrument_version"].update(type="string"),
    "a field is no longer required": lambda s: s["required"].remove("round_id"),
    "a pattern got narrower": lambda s: s["properties"]["unit_id"].update(pattern="^x$"),
}


@pytest.mark.parametrize("fault", BREAKING)
def test_a_breaking_change_is_found(fault: str) -> None:
    old = schema("assessment.round.opened.v1")
    new = copy.deepcopy(old)
    BREAKING[fault](new)
    assert incompatibilities(old, new)


def test_an_optional_addition_is_compatible() -> None:
    old = schema("assessment.round.opened.v1")
    new = copy.deepcopy(old)
    new["properties"]["note"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert incompatibilities(old, new) == []


def _record(**changes: bytes | None) -> list[tuple[str, bytes | None]]:
    headers: dict[str, bytes | None] = {
        "ce_specversion": b"1.0",
        "ce_id": b"3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
        "ce_type": b"assessment.round.closed.v1",
        "ce_source": b"/assessment",
        "ce_time": b"2026-09-01T08:00:00+00:00",
        "ce_subject": b"x",
    }
    return list((headers | changes).items())


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"ce_id": None}, "ce_id is missing"),
        ({"ce_type": b"\xff\xfe"}, "ce_type is not UTF-8"),
        ({"ce_id": b"not-a-uuid"}, "ce_id or ce_time is malformed"),
        ({"ce_specversion": b"0.3"}, "ce_specversion is not 1.0"),
    ],
)
def test_a_malformed_envelope_is_named(changes: dict[str, bytes | None], complaint: str) -> None:
    with pytest.raises(EventDecodingError, match=complaint):
        Message.from_record(_record(**changes), b"{}")


def test_a_malformed_payload_names_the_fields_and_not_their_values() -> None:
    message = Message.from_record(_record(), b'{"round_id": "secret"}')
    with pytest.raises(EventDecodingError, match="invalid at") as caught:
        message.decode(EVENTS)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_survives_the_wire_and_ignores_what_a_newer_producer_added(name: str) -> None:
    sample = json.loads((CONTRACTS / "samples" / name / "0001.json").read_text())
    event: Event = EVENTS[name].model_validate(sample)
    message = Message.from_record(
        _record(ce_type=name.encode()), json.dumps({**sample, "later": 1}).encode()
    )
    assert message.decode(EVENTS) == event
