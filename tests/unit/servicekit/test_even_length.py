"""Every response to such a request has one length on the wire."""

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from servicekit.even_length import LENGTH, EvenLength


def is_secret(scope: Scope) -> bool:
    return bool(scope["path"].startswith("/secret"))


@pytest.fixture
def api() -> FastAPI:
    api = FastAPI()
    api.add_middleware(GZipMiddleware)
    api.add_middleware(EvenLength, is_even=is_secret)

    @api.get("/{_}/sized/{size}")
    async def sized(size: int) -> JSONResponse:
        return JSONResponse("x" * size, 200 if size % 2 else 409)

    @api.get("/{_}/other/{kind}", response_model=None)
    async def other(kind: str) -> RedirectResponse | StreamingResponse:
        if kind == "redirect":
            return RedirectResponse("/elsewhere", 303)
        return StreamingResponse(iter(["piece ", "by ", "piece"]), headers={"x-kind": "streamed"})

    return api


async def on_the_wire(api: FastAPI, path: str) -> int:
    """Bytes of status line, headers and body, as HTTP/1.1 has them."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api), base_url="http://sample"
    ) as client:
        answer = await client.get(path, headers={"accept-encoding": "gzip"})
    line = f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\r\n"
    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content)
    return len(line) + headers + len(answer.content) + len("\r\n")


@pytest.mark.parametrize(
    "path", [*(f"sized/{size}" for size in (0, 1, 7, 900, 7800)), "other/redirect", "other/stream"]
)
async def test_success_and_refusal_have_one_length(api: FastAPI, path: str) -> None:
    assert await on_the_wire(api, f"/secret/{path}") == await on_the_wire(api, "/secret/sized/1")


async def test_so_has_what_nothing_has_answered() -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("a mistake")

    async def unexpected(request: Request, error: Exception) -> Response:
        return JSONResponse(str(error), 500)

    even = FastAPI()
    even.mount("/", EvenLength(fails, is_even=is_secret, unexpected=unexpected))
    assert await on_the_wire(even, "/secret/x") == LENGTH
    with pytest.raises(ValueError, match="a mistake"):
        await on_the_wire(even, "/open/x")


async def test_what_is_longer_has_several_lengths(api: FastAPI) -> None:
    once, twice = [await on_the_wire(api, f"/secret/sized/{size}") for size in (1, 2 * LENGTH)]
    assert twice - once == 2 * LENGTH


async def test_it_is_still_json(api: FastAPI) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api), base_url="http://sample"
    ) as client:
        assert (await client.get("/secret/sized/3")).json() == "xxx"


async def test_other_requests_are_answered_as_before(api: FastAPI) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api), base_url="http://sample"
    ) as client:
        answer = await client.get("/open/sized/7801")
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 100
