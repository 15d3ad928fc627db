"""A load generator small enough not to be what is measured: raw HTTP/1.1 on kept connections."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


def request(method: str, path: str, body: bytes, token: str) -> bytes:
    """A request with a JSON body, ready to be written."""
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True)
class Load:
    """What came of many requests: how many per second, and the seconds that each waited."""

    rate: float
    waits: Sequence[float]


async def drive(port: int, requests: Sequence[bytes], connections: int) -> float:
    """Requests per second, as `load` finds them."""
    return (await load(port, requests, connections)).rate


async def load(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send all requests, each connection one after another.

    Raises AssertionError with the first answer that is not 200.
    """
    left, waits = iter(requests), list[float]()
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    try:
        started = time.perf_counter()
        await asyncio.gather(*(_one_after_another(*pair, left, waits) for pair in pairs))
        return Load(len(requests) / (time.perf_counter() - started), waits)
    finally:
        for _, writer in pairs:
            writer.close()


async def first_bytes(port: int, requests: Sequence[bytes]) -> list[float]:
    """Seconds from each request to the head of its answer, one after another on one connection.

    Raises AssertionError with the first answer that is not 200.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return [await answered(reader, writer, raw) for raw in requests]
    finally:
        writer.close()


async def _one_after_another(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    left: Iterator[bytes],
    waits: list[float],
) -> None:
    for raw in left:
        waits.append(await answered(reader, writer, raw))


async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> float:
    """Seconds from a request to the head of its answer, which is read whole.

    Raises AssertionError with an answer that is not 200.
    """
    started = time.perf_counter()
    writer.write(raw)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    seconds = time.perf_counter() - started
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    assert head.startswith(b"http/1.1 200"), f"{head.decode()}{body.decode(errors='replace')}"
    return seconds
