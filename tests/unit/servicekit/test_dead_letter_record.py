"""A dead letter is the unchanged record; what PostgreSQL cannot keep as text is base64."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from servicekit.dead_letter_record import Original, headers_of, original


def record(headers: Sequence[tuple[str, bytes | None]], key: bytes | None = b"a") -> ConsumerRecord:
    return ConsumerRecord("t", 3, 17, 0, 0, key, b"x", None, 1, 1, tuple(headers))


def test_it_says_where_the_record_came_from_and_why_it_is_here():
    headers = headers_of(record([("ce_id", b"1")]), ZeroDivisionError(), 3)
    assert headers == {
        "ce_id": "1",
        "dlq_origin_topic": "t",
        "dlq_origin_partition": "3",
        "dlq_origin_offset": "17",
        "dlq_error": "ZeroDivisionError",
        "dlq_code": "",
        "dlq_attempts": "3",
    }


@given(st.binary(), st.binary())
def test_every_byte_is_sent_again_and_everything_can_be_stored(value, key):
    headers = headers_of(record([("key", value)], key), ValueError(), 1)
    assert not any("\0" in text for text in headers.values())
    encoded = [(name, text.encode()) for name, text in headers.items()]
    letter_key = b"" if "dlq_key" in headers else key  # as the outbox keeps it
    letter = record(encoded, letter_key)
    origin = [(name, value) for name, value in encoded if name.startswith("dlq_origin_")]
    assert original(letter) == Original(key, b"x", [("key", value), *origin])


def test_a_letter_sent_again_and_set_aside_again_keeps_its_first_place():
    letter = record([(n, t.encode()) for n, t in headers_of(record([]), ValueError(), 1).items()])
    again = replace(record(original(letter).headers), topic="sample.effects.retry", offset=0)
    assert headers_of(again, ValueError(), 1)["dlq_origin_offset"] == "17"
    elsewhere = replace(again, topic="other")
    assert headers_of(elsewhere, ValueError(), 1)["dlq_origin_topic"] == "other"


def test_a_record_that_is_no_dead_letter_is_not_sent_anywhere():
    with pytest.raises(ValueError, match="offset 17: no dead letter"):
        original(record([("ce_id", b"1")]))


def test_a_header_without_a_value_is_kept_empty():
    assert headers_of(record([("h", None)], None), ValueError(), 1)["h"] == ""
