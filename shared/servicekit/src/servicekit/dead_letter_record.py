"""Dead letters: the unchanged record, where it came from, and why it could not be taken."""

import base64
from dataclasses import dataclass
from uuid import uuid4

from aiokafka import ConsumerRecord
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit import outbox

_BASE64, _KEY, _TIME = "dlq_base64_", "dlq_key", "dlq_time"
_ORIGIN = ("dlq_origin_topic", "dlq_origin_partition", "dlq_origin_offset")


def origin(record: ConsumerRecord) -> dict[str, str]:
    """Where the record was first read, even if it has been sent again since."""
    place = (record.topic, str(record.partition), str(record.offset))
    here = dict(zip(_ORIGIN, place, strict=True))
    if not record.topic.endswith(".retry"):  # elsewhere anybody may have written these headers
        return here
    first = {name: _text(value or b"") for name, value in record.headers if name in _ORIGIN}
    return {name: first.get(name) or place for name, place in here.items()}


def headers_of(record: ConsumerRecord, error: Exception, attempts: int) -> dict[str, str]:
    """The original headers and the dead letter's own, which begin with `dlq_`, but for its time.

    What cannot be stored as text is kept as base64: a header as `dlq_base64_<name>`, the key as
    `dlq_key`.
    """
    headers: dict[str, str] = {}
    for name, value in record.headers:
        text = _text(value or b"")
        name = _storable(name)
        if text is None:
            headers[f"{_BASE64}{name}"] = base64.b64encode(value).decode()
        else:
            headers[name] = text
    if _text(record.key or b"") is None:
        headers[_KEY] = base64.b64encode(record.key).decode()
    return headers | {
        **origin(record),
        "dlq_error": type(error).__name__,
        "dlq_code": str(getattr(error, "code", "")),
        "dlq_attempts": str(attempts),
    }


def _storable(name: str) -> str:
    """A header's name as text: PostgreSQL stores neither a NUL nor what is not UTF-8."""
    text = name.encode(errors="surrogateescape").decode(errors="backslashreplace")
    return text.replace("\0", "\N{SYMBOL FOR NULL}")


def _text(value: bytes) -> str | None:
    """The text, if it is UTF-8 without the NUL that PostgreSQL cannot store."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


async def write(
    connection: AsyncConnection,
    topic: str,
    record: ConsumerRecord,
    error: Exception,
    attempts: int,
) -> None:
    """Write the record to the outbox for the dead-letter topic, in the caller's transaction."""
    headers = headers_of(record, error, attempts)
    key = _text(record.key or b"") or ""
    kind = headers.get("ce_type", "unreadable")
    row = (uuid4(), kind, topic, key, record.value or b"", headers)
    await outbox.write_raw(connection, [row], _TIME)


@dataclass(frozen=True)
class Original:
    """The record that a dead letter was made from, as it is sent again, with its origin."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def original(letter: ConsumerRecord) -> Original:
    """Raises ValueError if the record is not a dead letter of this platform."""
    added = {name: value for name, value in letter.headers if name.startswith("dlq_")}
    if not added.keys() >= set(_ORIGIN):
        raise ValueError(f"{letter.topic}, offset {letter.offset}: no dead letter of this platform")
    headers = [(name, value) for name, value in letter.headers if name not in added]
    headers += [
        (name.removeprefix(_BASE64), base64.b64decode(value))
        for name, value in added.items()
        if name.startswith(_BASE64)
    ]
    headers += [(name, added[name]) for name in _ORIGIN]
    key = base64.b64decode(added[_KEY]) if _KEY in added else letter.key or b""
    return Original(key, letter.value or b"", headers)
