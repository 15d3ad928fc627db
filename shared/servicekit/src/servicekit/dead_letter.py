"""Dead letters: the record as it came, with where it came from and why it could not be taken."""

import base64
from uuid import uuid4

from aiokafka import ConsumerRecord
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit import outbox


def headers_of(record: ConsumerRecord, error: Exception, attempts: int) -> dict[str, str]:
    """The original headers and the dead letter's own, which begin with `dlq_`.

    A header that is not UTF-8 is kept as base64 under `dlq_base64_<name>`.
    """
    headers: dict[str, str] = {}
    for name, value in record.headers:
        try:
            headers[name] = (value or b"").decode()
        except UnicodeDecodeError:
            headers[f"dlq_base64_{name}"] = base64.b64encode(value).decode()
    return headers | {
        "dlq_origin_topic": record.topic,
        "dlq_origin_partition": str(record.partition),
        "dlq_origin_offset": str(record.offset),
        "dlq_error": type(error).__name__,
        "dlq_code": str(getattr(error, "code", "")),
        "dlq_attempts": str(attempts),
    }


async def write(
    connection: AsyncConnection,
    topic: str,
    record: ConsumerRecord,
    error: Exception,
    attempts: int,
) -> None:
    """Put the record on its way to the dead-letter topic, in the caller's transaction."""
    headers = headers_of(record, error, attempts)
    key = (record.key or b"").decode(errors="replace")
    kind = headers.get("ce_type", "unreadable")
    await outbox.write_raw(connection, [(uuid4(), kind, topic, key, record.value or b"", headers)])
