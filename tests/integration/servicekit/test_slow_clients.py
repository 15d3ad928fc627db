"""A client that is slow or opens too many connections is ended, and others are served."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from servicekit.connections import MAX_HEAD_BYTES
from servicekit.http import HttpServer
from servicekit.metrics import REQUESTS_REFUSED
from servicekit.settings import Http, Limits
from support.apps import running
from support.eventually import eventually

HEAD = b"POST /size HTTP/1.1\r\nhost: sample\r\n"
LARGE = 32 * 1024 * 1024  # more than the system keeps for a client
QUICK = Limits(head_seconds=1, body_seconds=1, unread_seconds=1)


@asynccontextmanager
async def listener(limits: Limits = QUICK, **more: Any) -> AsyncIterator[int]:
    """The port of a listener with two routes."""
    api = FastAPI()

    @api.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @api.get("/large")
    async def large() -> PlainTextResponse:
        return PlainTextResponse("x" * LARGE)

    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    REQUESTS_REFUSED.clear()
    async with running(HttpServer(api, Http(port=port, limits=limits, **more))):

        async def answers() -> bool:
            return await asked(port) == 200

        await eventually(answers)
        yield port


async def asked(port: int) -> int:
    """The status of an ordinary request, on a connection of its own; 0 for none."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            return (await client.post(f"http://127.0.0.1:{port}/size", content=b"x")).status_code
    except httpx.TransportError:
        return 0


async def drip(port: int, start: bytes, piece: bytes, pause: float = 0.2) -> bytes:
    """What a client gets until its connection is ended that sends a piece again and again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(start)
    answer = asyncio.create_task(reader.read())
    try:
        async with asyncio.timeout(10):
            while not answer.done():
                writer.write(piece)
                await asyncio.sleep(pause)
        return await answer
    except ConnectionError:
        return b""
    finally:
        answer.cancel()
        writer.close()


def refused(limit: str) -> float:
    return float(REQUESTS_REFUSED.labels(limit)._value.get())


def problem(answer: bytes, status: int, code: str) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] == code


WHOLE = HEAD + b"content-length: 1\r\n\r\nx"


UNFINISHED = {
    "nothing": (b"", b""),
    "a word": (b"PO", b""),
    "headers": (HEAD, b"x-more: 1\r\n"),
    "empty lines": (b"", b"\r\n"),
    "a body": (HEAD + b"content-length: 1000\r\n\r\n", b"x"),
    "chunks": (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "empty lines after a request": (WHOLE, b"\r\n"),
    "headers after a request": (WHOLE + HEAD, b"x-more: 1\r\n"),
    "a body after its answer": (
        b"POST /nowhere HTTP/1.1\r\nhost: sample\r\ncontent-length: 10000000\r\n\r\n",
        b"x" * 50_000,
    ),
}
"""What a client sends first, and then again and again."""


async def test_a_client_that_does_not_finish_its_request_is_ended() -> None:
    async with listener() as port:
        async with asyncio.timeout(5):
            dripping = [drip(port, start, piece) for start, piece in UNFINISHED.values()]
            answers, status = await asyncio.gather(asyncio.gather(*dripping), asked(port))
        assert status == 200
        assert refused("slow") == len(UNFINISHED)
        assert {answer[9:12] for answer in answers} <= {b"", b"200", b"404"}
        assert max(answer.count(b"HTTP/1.1") for answer in answers) == 1


async def test_what_follows_a_body_is_not_kept() -> None:
    """Trailers are no headers, and few are taken."""
    start = b"POST /size HTTP/1.1\r\nhost: sample\r\ntransfer-encoding: chunked\r\n\r\n"
    async with listener(Limits(body_seconds=60)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(start + b"1\r\nx\r\n" * 20_000 + b"0\r\nx-more: 1\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        await drip(port, start + b"0\r\n", b"a: " + b"x" * 65_000 + b"\r\n", pause=0.01)
        assert refused("trailers") == 1
        assert await asked(port) == 200
        writer.close()


async def test_a_client_that_does_not_read_the_answer_is_ended() -> None:
    """Not as if it sent no other request: it has the time for answers."""
    async with listener(Limits(head_seconds=1, unread_seconds=4)) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET /large HTTP/1.1\r\nhost: sample\r\n\r\n")
        await asyncio.sleep(2.5)
        assert refused("slow") == 0

        async def ended() -> bool:
            return refused("slow") == 1

        await eventually(ended)
        assert await asked(port) == 200
        writer.close()


async def test_a_slow_reader_gets_all_of_it() -> None:
    """Who reads a little at a time has the time again each time, and then for the next request."""
    async with listener(Limits(head_seconds=1, unread_seconds=2)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET /large HTTP/1.1\r\nhost: sample\r\n\r\n")
        got, began = 0, monotonic()
        while got < LARGE:
            got += len(await reader.read(LARGE // 20))
            writer.write(b"\r\n")
            await asyncio.sleep(0.04)
        assert monotonic() - began > 3
        assert refused("slow") == 0

        async def ended() -> bool:
            writer.write(b"\r\n")
            return refused("slow") == 1

        await eventually(ended)
        writer.close()


@pytest.mark.parametrize("at_once", [True, False])
async def test_headers_that_are_too_long_are_refused(at_once: bool) -> None:
    """Whether they come whole, or never end."""
    async with listener(Limits()) as port:
        field = b"x-more: " + b"x" * 1_000 + b"\r\n"
        if at_once:
            answer = await drip(port, HEAD + field * 70 + b"\r\n", b"")
        else:
            answer = await drip(port, HEAD, field * 5, pause=0.01)
        problem(answer, 431, "headers-too-large")
        fitting = field * (MAX_HEAD_BYTES // len(field) - 1)
        whole = HEAD + fitting + b"content-length: 1\r\nconnection: close\r\n\r\nx"
        assert (await drip(port, whole, b"")).startswith(b"HTTP/1.1 200 OK")


async def test_what_is_no_http_gets_a_problem() -> None:
    async with listener() as port:
        problem(await drip(port, b"\x16\x03\x01 not HTTP\r\n\r\n", b""), 400, "bad-request")


async def test_one_address_has_half_of_the_connections() -> None:
    async with listener(Limits(connections=10)) as port:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        one_more, _ = await asyncio.open_connection("127.0.0.1", port)
        answer = await one_more.read()
        problem(answer, 503, "unavailable")
        assert b"retry-after: 5" in answer
        assert refused("connections") == 1
        for _, writer in opened:
            writer.close()

        async def served() -> bool:
            return await asked(port) == 200

        await eventually(served)


async def test_a_trusted_proxy_has_all_of_them() -> None:
    async with listener(Limits(connections=10), trusted_proxies=["127.0.0.0/8"]) as port:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(9)]
        assert await asked(port) == 200
        opened.append(await asyncio.open_connection("127.0.0.1", port))
        assert await asked(port) == 0
        for _, writer in opened:
            writer.close()
