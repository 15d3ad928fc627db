"""Whose address a request comes from: a header says it only if a trusted proxy sent it."""

import socket

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import ValidationError

from servicekit.http import HttpServer
from servicekit.settings import Http
from support.apps import running
from support.eventually import eventually


async def seen_by(settings: Http, forwarded: str) -> str:
    """The client's address as a route of this listener sees it."""
    api = FastAPI()

    @api.get("/")
    async def address(request: Request) -> str:
        return request.client.host if request.client else ""

    async def ask() -> str:
        headers = {"x-forwarded-for": forwarded}
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(f"http://127.0.0.1:{settings.port}/", headers=headers)
        except httpx.ConnectError:
            return ""
        found: str = answer.json()
        return found

    async with running(HttpServer(api, settings)):
        return await eventually(ask)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def test_nobody_is_believed_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert await seen_by(Http(port=free_port()), "192.0.2.7") == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("198.51.100.1, 192.0.2.7, 10.1.2.3", "192.0.2.7"),
    ],
)
async def test_a_trusted_proxy_says_who_called_it(forwarded: str, address: str) -> None:
    """What the caller wrote itself, before the proxy's own entry, does not count."""
    trusting = Http(port=free_port(), trusted_proxies=["127.0.0.1", "10.0.0.0/8"])
    assert await seen_by(trusting, forwarded) == address


async def test_another_proxys_word_does_not_count() -> None:
    trusting = Http(port=free_port(), trusted_proxies=["10.0.0.0/8"])
    assert await seen_by(trusting, "192.0.2.7") == "127.0.0.1"


@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "::/0", "*"])
def test_not_everybody_is_a_proxy(everybody: str) -> None:
    with pytest.raises(ValidationError):
        Http(port=1, trusted_proxies=[everybody])
