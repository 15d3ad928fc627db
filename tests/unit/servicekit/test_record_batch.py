"""Every record of a batch is read, whatever is in it."""

import pytest
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from hypothesis import given
from hypothesis import strategies as st

from servicekit.record_batch import Records, decode, is_odd


class Raw(str):
    """A header's name with bytes of its own."""

    raw: bytes

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self.raw


def named(raw: bytes) -> Raw:
    name = Raw("name")
    name.raw = raw
    return name


def batch(*names: bytes, value: bytes = b"v") -> bytes:
    builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 1_000_000)
    for number, name in enumerate(names):
        builder.append(number, 1_000 + number, b"k", value, [(named(name), b"h")])
    return bytes(builder.build())


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=5))
def test_every_name_is_kept(names):
    records = Records(batch(*names) * 2)
    found = [list(records.next_batch()) for _ in range(2)]
    assert not records.has_next()
    for read in found:
        # A batch that fails in the middle is read again from its beginning.
        by_offset = {record.offset: record for record in read}
        assert [r.timestamp for r in by_offset.values()] == [1_000 + n for n in range(len(names))]
        assert [r.value for r in by_offset.values()] == [b"v"] * len(names)
        assert names == [
            next(iter(r.headers))[0].encode(errors="surrogateescape") for r in by_offset.values()
        ]


def test_an_odd_name_is_told_from_others():
    [record] = decode(batch(bytes.fromhex("782de5")))
    assert is_odd(record.headers[0][0])
    assert not is_odd("x-å")


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_damaged_record_keeps_its_place_and_its_bytes(cut):
    whole = batch(b"a")
    body = bytearray(whole)
    body[-cut] = 0x7F  # a length, or a count, that leads far beyond the record
    records = list(decode(bytes(body)))
    assert [record.offset for record in records] == [0] or cut > 9
    assert all(isinstance(record.value, bytes) for record in records)
