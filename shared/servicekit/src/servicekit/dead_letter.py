"""Dead letters: the record as it came, with where it came from and why it could not be taken."""

import base64
from uuid import uuid4

from aiokafka import ConsumerRecord
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit import outbox


def headers_of(record: ConsumerRecord, error: Exception, attempts: int) -> dict[str, str]:
    """The original headers and the dead letter's own, which begin with `dlq_`.

    What cannot be stored as text is kept as base64 under `dlq_base64_<name>`, the key likewise.
    """
    headers: dict[str, str] = {}
    for name, value in [*record.headers, ("key", record.key)]:
        text = _text(value or b"")
        name = name.replace("\0", "\N{SYMBOL FOR NULL}")  # PostgreSQL cannot store a NUL
        if text is None:
            headers[f"dlq_base64_{name}"] = base64.b64encode(value).decode()
        elif name != "key":
            headers[name] = text
    return headers | {
        "dlq_origin_topic": record.topic,
        "dlq_origin_partition": str(record.partition),
        "dlq_origin_offset": str(record.offset),
        "dlq_error": type(error).__name__,
        "dlq_code": str(getattr(error, "code", "")),
        "dlq_attempts": str(attempts),
    }


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
    """Put the record on its way to the dead-letter topic, in the caller's transaction."""
    headers = headers_of(record, error, attempts)
    key = _text(record.key or b"") or ""
    kind = headers.get("ce_type", "unreadable")
    await outbox.write_raw(connection, [(uuid4(), kind, topic, key, record.value or b"", headers)])
