"""A load generator small enough not to be what is measured: raw HTTP/1.1 on kept connections."""

import asyncio
import time
from collections.abc import Iterator, Sequence


def request(method: str, path: str, body: bytes, token: str) -> bytes:
    """A request with a JSON body, ready to be written."""
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def drive(port: int, requests: Sequence[bytes], connections: int) -> float:
    """Send all requests, each connection one after another; returns requests per second.

    Raises AssertionError with the first answer that is not 200.
    """
    left = iter(requests)
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    try:
        started = time.perf_counter()
        await asyncio.gather(*(_one_after_another(*pair, left) for pair in pairs))
        return len(requests) / (time.perf_counter() - started)
    finally:
        for _, writer in pairs:
            writer.close()


async def first_bytes(port: int, requests: Sequence[bytes]) -> list[float]:
    """Seconds from each request to the head of its answer, one after another on one connection.

    Raises AssertionError with the first answer that is not 200.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return [await _answered(reader, writer, raw) for raw in requests]
    finally:
        writer.close()


async def _one_after_another(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: Iterator[bytes]
) -> None:
    for raw in left:
        await _answered(reader, writer, raw)


async def _answered(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes
) -> float:
    started = time.perf_counter()
    writer.write(raw)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    seconds = time.perf_counter() - started
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    assert head.startswith(b"http/1.1 200"), f"{head.decode()}{body.decode(errors='replace')}"
    return seconds
