"""Reading a record never raises, whatever is in it."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from contracts import EventDecodingError, Message
from contracts.registry import TOPICS
from contracts.workflow import UnitRegistered
from servicekit.consumer_group import ConsumerGroup, ForeignEvent, read
from support.apps import counter_bumped, subscribe, write_effect

EVENT = counter_bumped("sample")
SUBSCRIPTION = subscribe("sample.effects", EVENT)
GOOD = Message(uuid4(), EVENT.TYPE, "/sample", datetime.now(UTC), "a", b"")
NAMES = st.sampled_from([*GOOD.headers(), "traceparent", "foreign"])


def record(headers: dict[str, bytes | None], value: bytes | None) -> ConsumerRecord:
    return ConsumerRecord(EVENT.TOPIC, 0, 1, 0, 0, b"a", value, None, 1, 1, tuple(headers.items()))


def good_headers() -> dict[str, bytes | None]:
    return {name: text.encode() for name, text in GOOD.headers().items()}


def test_the_names_follow_from_the_group_and_the_events():
    assert SUBSCRIPTION.topics == ["sample.counter"]
    assert SUBSCRIPTION.dead_letter_topic.name == "sample.effects.dlq"
    assert SUBSCRIPTION.retry_topic.name == "sample.effects.retry"


def test_a_good_record_is_an_event():
    item = read(record(good_headers(), b'{"counter_id": "a", "version": 1}'), SUBSCRIPTION)
    assert item.event == EVENT(counter_id="a", version=1)
    assert item.id == GOOD.id


@given(st.dictionaries(NAMES, st.none() | st.binary() | st.text().map(str.encode)), st.binary())
def test_a_broken_record_is_malformed_or_unknown(changes, value):
    item = read(record({**good_headers(), **changes}, value), SUBSCRIPTION)
    assert item.event or item.malformed or item.message
    assert isinstance(item.malformed, EventDecodingError | None)


def test_a_record_without_an_id_is_known_by_its_place():
    broken = record({**good_headers(), "ce_id": None}, b"")
    assert read(broken, SUBSCRIPTION).id == read(broken, SUBSCRIPTION).id != GOOD.id


@pytest.mark.parametrize(
    "other", [{"value": b"{"}, {"key": b"b"}, {"timestamp": 5}, {"headers": ()}, {"offset": 2}]
)
def test_another_record_in_the_same_place_is_another_record(other):
    """A topic that was lost and created again begins at offset 0 again."""
    first = record({**good_headers(), "ce_id": None}, b"")
    second = replace(first, **other)
    assert read(first, SUBSCRIPTION).place == read(first, SUBSCRIPTION).place
    assert read(first, SUBSCRIPTION).place != read(second, SUBSCRIPTION).place


def test_an_event_with_an_odd_header_is_malformed():
    odd = b"x-\xe5".decode(errors="surrogateescape")
    good = record(good_headers(), b'{"counter_id": "a", "version": 1}')
    item = read(replace(good, headers=(*good.headers, (odd, b"v"))), SUBSCRIPTION)
    assert item.malformed
    assert item.event is None


def test_a_deeply_nested_payload_is_malformed():
    assert read(record(good_headers(), b"[" * 100_000), SUBSCRIPTION).malformed


REGISTERED = ConsumerGroup("content.units", {UnitRegistered: write_effect})
OWNERS = Message(
    id=uuid4(),
    type=UnitRegistered.TYPE,
    source=TOPICS[UnitRegistered.TOPIC].source,
    time=datetime.now(UTC),
    subject="u",
    data=b"",
)
UNIT = (
    b'{"unit_id": "u", "parent_id": null, "kind": "unit", "name": "Sample", "headcount": 9,'
    b' "version": 1}'
)


def sent(topic: str, message: Message, **more: str) -> ConsumerRecord:
    texts = message.headers() | more
    return replace(record({name: text.encode() for name, text in texts.items()}, UNIT), topic=topic)


def test_an_owners_event_is_taken_also_when_it_is_sent_again():
    assert read(sent("workflow.unit", OWNERS), REGISTERED).event
    again = sent("content.units.retry", OWNERS, dlq_origin_topic="workflow.unit")
    assert read(again, REGISTERED).event


@pytest.mark.parametrize(
    ("topic", "source", "more", "why"),
    [
        ("workflow.unit", "/um-platform/people", {}, "workflow.unit belongs to /um-platform/workf"),
        ("workflow.unit", "", {}, "workflow.unit belongs to"),
        ("people.unit", "/um-platform/workflow", {}, "came by the topic people.unit"),
        (
            *("people.unit", "/um-platform/workflow", {"dlq_origin_topic": "workflow.unit"}),
            "came by the topic people.unit",
        ),
        ("content.units.retry", "/um-platform/workflow", {}, "came by the topic content.units.ret"),
        (
            *("content.units.retry", "/somebody", {"dlq_origin_topic": "workflow.unit"}),
            "workflow.unit belongs to",
        ),
    ],
)
def test_an_event_from_somebody_else_is_refused(topic, source, more, why):
    item = read(sent(topic, replace(OWNERS, source=source), **more), REGISTERED)
    assert item.event is None
    assert isinstance(item.malformed, ForeignEvent)
    assert why in str(item.malformed)
