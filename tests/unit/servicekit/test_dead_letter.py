"""A dead letter is the record as it came; what PostgreSQL cannot keep as text is base64."""

import base64

from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from servicekit.dead_letter import headers_of


def record(headers: list[tuple[str, bytes | None]], key: bytes | None = b"a") -> ConsumerRecord:
    return ConsumerRecord("t", 3, 17, 0, 0, key, b"x", None, 1, 1, tuple(headers))


def test_it_tells_where_the_record_came_from_and_why_it_is_here():
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
def test_every_byte_can_be_had_back_and_everything_can_be_stored(value, key):
    headers = headers_of(record([("h", value)], key), ValueError(), 1)
    assert not any("\0" in text for text in headers.values())
    if "dlq_base64_h" in headers:
        assert base64.b64decode(headers["dlq_base64_h"]) == value
    else:
        assert headers["h"].encode() == value
    if "dlq_base64_key" in headers:
        assert base64.b64decode(headers["dlq_base64_key"]) == key


def test_a_header_without_a_value_is_kept_empty():
    assert headers_of(record([("h", None)], None), ValueError(), 1)["h"] == ""
