"""Reads records that aiokafka cannot: it refuses a fetch if a header's *name* is not UTF-8.

The protocol says that a name is UTF-8, but no broker checks it, and one such record would stop
every consumer of its topic. Here a batch that aiokafka fails on is decoded once more, and an odd
name is kept by `surrogateescape`; a record that is damaged otherwise keeps its place and its bytes.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

_LENGTH_AT, _LENGTH_ENDS, _MAGIC_AT = 8, 12, 16  # in a batch's header
_UNREADABLE = (ValueError, IndexError, CorruptRecordException)


def read_everything() -> None:
    """Make every consumer of this process read by `Records`."""
    fetcher.MemoryRecords = Records


def is_odd(name: str) -> bool:
    """Whether a header's name is not UTF-8."""
    return any("\ud800" <= letter <= "\udfff" for letter in name)


class Records:
    """The batches of one fetch, as the fetcher uses aiokafka's own `MemoryRecords`."""

    def __init__(self, data: bytes) -> None:
        self._records, self._data, self._at = MemoryRecords(data), data, 0

    def has_next(self) -> bool:
        return bool(self._records.has_next())

    def size_in_bytes(self) -> int:
        return int(self._records.size_in_bytes())

    def next_batch(self) -> Any:
        batch, at, data = self._records.next_batch(), self._at, self._data
        length = int.from_bytes(data[at + _LENGTH_AT : at + _LENGTH_ENDS], "big")
        self._at = at + _LENGTH_ENDS + length
        return Batch(batch, data[at : self._at]) if data[at + _MAGIC_AT] > 1 else batch


class Batch:
    """A batch as aiokafka reads it, and as it is decoded here from where that fails."""

    def __init__(self, batch: Any, data: bytes) -> None:
        self._batch, self._data = batch, data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._batch
        except _UNREADABLE:
            # From the batch's beginning: the fetcher skips what it has had.
            yield from decode(self._data)


def decode(data: bytes) -> Iterator[SimpleNamespace]:
    """The records of a batch of version 2, whatever is in them."""
    batch = _DefaultRecordBatchPy(data)
    batch._maybe_uncompress()
    buffer, position = batch._buffer, batch._pos
    for number in range(batch._num_records):
        length, position = decode_varint(buffer, position)
        yield _record(batch, number, buffer[position : position + length])
        position += length


def _record(batch: Any, number: int, data: bytearray) -> SimpleNamespace:
    record = SimpleNamespace(
        offset=batch.base_offset + number,
        timestamp=batch.max_timestamp,
        timestamp_type=batch.timestamp_type,
        checksum=None,
        key=None,
        value=bytes(data),
        headers=[],
    )
    try:
        delta, at = decode_varint(data, 1)  # after the attributes, one byte
        if batch.timestamp_type != batch.LOG_APPEND_TIME:
            record.timestamp = batch.first_timestamp + delta
        delta, at = decode_varint(data, at)
        record.offset = batch.base_offset + delta
        key, at = _bytes(data, at)
        value, at = _bytes(data, at)
        count, at = decode_varint(data, at)
        headers = []
        for _ in range(count):
            name, at = _bytes(data, at)
            content, at = _bytes(data, at)
            headers.append(((name or b"").decode(errors="surrogateescape"), content))
    except _UNREADABLE:
        return record
    record.key, record.value, record.headers = key, value, headers
    return record


def _bytes(data: bytearray, at: int) -> tuple[bytes | None, int]:
    length, at = decode_varint(data, at)
    if length < 0:
        return None, at
    if at + length > len(data):
        raise ValueError("the record ends before its field")
    return bytes(data[at : at + length]), at + length
