"""Calls from service to service: what is tried again, what is refused, and with which token."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from servicekit.service_client import Refused, ServiceClient, TokenSource, Unavailable
from servicekit.settings import Auth, Client
from support.eventually import eventually


class Peer:
    """An identity provider, the platform's issuer and a peer in one real server.

    It answers what the test puts into `status` and `body`. The provider is below `/provider`.
    """

    url = ""
    lifetime = 300
    named = ""  # the issuer in its metadata, if not its own address
    grants = 0
    status = 200
    body: object = {"done": True}

    def __init__(self) -> None:
        self.api = FastAPI()
        self.api.add_api_route("/.well-known/openid-configuration", self._discover)
        self.api.add_api_route("/token", self._grant, methods=["POST"])
        provider = "/provider/.well-known/openid-configuration"
        self.api.add_api_route(provider, self._discover_provider)
        self.api.add_api_route("/provider/token", self._grant_by_provider, methods=["POST"])
        self.api.add_api_route("/v1/things", self._take, methods=["GET", "POST"])
        self.headers: list[dict[str, str]] = []
        self.later: list[tuple[int, str]] = []  # first answers: a status and a Retry-After
        self.asked: list[dict[str, str]] = []  # forms for a token, in order
        self.logins: list[str | None] = []
        self.refuses: set[str] = set()  # paths

    def _discover(self) -> dict[str, str]:
        return {"issuer": self.named or self.url, "token_endpoint": f"{self.url}/token"}

    def _discover_provider(self) -> dict[str, str]:
        issuer = f"{self.url}/provider"
        return {"issuer": issuer, "token_endpoint": f"{issuer}/token"}

    async def _grant(self, request: Request) -> JSONResponse:
        self.grants += 1
        return await self._token(request, f"token-{self.grants}", self.lifetime)

    async def _grant_by_provider(self, request: Request) -> JSONResponse:
        return await self._token(request, "of the provider", 10_000)

    async def _token(self, request: Request, token: str, lifetime: int) -> JSONResponse:
        self.asked.append({name: str(value) for name, value in (await request.form()).items()})
        self.logins.append(request.headers.get("authorization"))
        if request.url.path in self.refuses:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": token, "expires_in": lifetime})

    def _take(self, request: Request) -> JSONResponse:
        self.headers.append(dict(request.headers))
        if self.later:
            status, seconds = self.later.pop(0)
            body = {"code": "request-in-progress" if status == 409 else "unavailable"}
            return JSONResponse(body, status, {"retry-after": seconds})
        return JSONResponse(self.body, self.status)

    @property
    def tokens(self) -> list[str]:
        """The tokens of the requests, in order."""
        return [headers["authorization"].removeprefix("Bearer ") for headers in self.headers]


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    config = uvicorn.Config(peer.api, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())

    async def listening() -> bool:
        return server.started

    await eventually(listening)
    _, port = server.servers[0].sockets[0].getsockname()
    peer.url = f"http://127.0.0.1:{port}"
    yield peer
    server.should_exit = True
    await serving


@pytest.fixture
async def client(peer: Peer) -> AsyncIterator[ServiceClient]:
    identity = Client(client_id="workflow", client_secret=SecretStr("s"))
    tokens = TokenSource(Auth(issuer=peer.url), identity)
    client = ServiceClient(peer.url, tokens)
    yield client
    await client.close()
    await tokens.close()


async def test_a_request_has_a_key_and_a_token_that_is_kept(peer: Peer, client: ServiceClient):
    for key in ("one", "two"):
        assert await client.post("/things", {}, key) == {"done": True}
    assert [headers["idempotency-key"] for headers in peer.headers] == ["one", "two"]
    assert peer.tokens == ["token-1", "token-1"]


async def test_a_read_has_a_token_and_no_key(peer: Peer, client: ServiceClient):
    assert await client.get("/things") == {"done": True}
    (headers,) = peer.headers
    assert "idempotency-key" not in headers
    assert peer.tokens == ["token-1"]
    peer.status = 503
    with pytest.raises(Unavailable, match="503"):
        await client.get("/things")


CREDENTIALS = {"grant_type": "client_credentials", "audience": "um-platform"}
EXCHANGED = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token": "of the provider",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
}
LOGIN = f"Basic {b64encode(b'workflow:s').decode()}"


async def test_without_a_provider_the_issuer_takes_the_credentials(
    peer: Peer, client: ServiceClient
):
    await client.post("/things", {}, "k")
    assert (peer.asked, peer.logins) == ([CREDENTIALS], [LOGIN])


@pytest.fixture
async def known_to_a_provider(peer: Peer) -> AsyncIterator[TokenSource]:
    identity = Client(
        client_id="workflow", client_secret=SecretStr("s"), issuer=f"{peer.url}/provider"
    )
    tokens = TokenSource(Auth(issuer=peer.url), identity)
    yield tokens
    await tokens.close()


async def test_a_providers_token_is_exchanged_for_one_of_the_platform(
    peer: Peer, known_to_a_provider: TokenSource
):
    """The secret goes to the provider only."""
    client = ServiceClient(peer.url, known_to_a_provider)
    for key in ("one", "two"):
        await client.post("/things", {}, key)
    await client.close()
    assert peer.tokens == ["token-1", "token-1"]
    assert (peer.asked, peer.logins) == ([CREDENTIALS, EXCHANGED], [LOGIN, None])


async def test_what_ends_is_the_platforms_token(peer: Peer, known_to_a_provider: TokenSource):
    peer.lifetime = 29
    assert await known_to_a_provider.token() == "token-1"
    assert await known_to_a_provider.token() == "token-2"


@pytest.mark.parametrize("path", ["/token", "/provider/token"])
async def test_a_refused_token_is_unavailable_and_asked_for_again(
    path: str, peer: Peer, known_to_a_provider: TokenSource
):
    peer.refuses = {path}
    with pytest.raises(Unavailable, match="no token"):
        await known_to_a_provider.token()
    peer.refuses = set()
    assert (await known_to_a_provider.token()).startswith("token-")


async def test_a_token_near_its_end_is_replaced(peer: Peer, client: ServiceClient):
    peer.lifetime = 29
    for key in ("one", "two"):
        await client.post("/things", {}, key)
    assert peer.tokens == ["token-1", "token-2"]


async def test_a_token_that_the_peer_does_not_accept_is_forgotten(
    peer: Peer, client: ServiceClient
):
    peer.status = 401
    with pytest.raises(Unavailable):
        await client.post("/things", {}, "k")
    peer.status = 200
    await client.post("/things", {}, "k")
    assert peer.tokens == ["token-1", "token-2"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_what_may_help_later_is_unavailable(status: int, peer: Peer, client: ServiceClient):
    peer.status = status
    with pytest.raises(Unavailable, match=str(status)):
        await client.post("/things", {}, "k")


async def test_the_same_request_still_under_way_is_unavailable(peer: Peer, client: ServiceClient):
    peer.status, peer.body = 409, {"code": "request-in-progress", "detail": "Repeat."}
    with pytest.raises(Unavailable, match="same request"):
        await client.post("/things", {}, "k")


@pytest.mark.parametrize("status", [409, 429, 503])
async def test_a_peer_that_says_when_is_asked_again_with_the_same_key(
    status: int, peer: Peer, client: ServiceClient
):
    peer.later = [(status, "1"), (status, "0")]
    began = asyncio.get_running_loop().time()
    assert await client.post("/things", {}, "k") == {"done": True}
    assert asyncio.get_running_loop().time() - began > 1
    assert [headers["idempotency-key"] for headers in peer.headers] == ["k", "k", "k"]


@pytest.mark.parametrize("seconds", ["60", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", ""])
async def test_nobody_waits_beyond_the_deadline(seconds: str, peer: Peer, client: ServiceClient):
    peer.later = [(503, seconds)]
    with pytest.raises(Unavailable, match="503"):
        await client.post("/things", {}, "k")
    assert len(peer.headers) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [({"code": "round-closed", "detail": "Closed."}, "round-closed"), (["no problem"], "unknown")],
)
async def test_a_refusal_has_its_code(body: object, code: str, peer: Peer, client: ServiceClient):
    peer.status, peer.body = 409, body
    with pytest.raises(Refused) as refused:
        await client.post("/things", {}, "k")
    assert (refused.value.status, refused.value.code) == (409, code)


async def test_metadata_of_another_issuer_get_no_credentials(peer: Peer, client: ServiceClient):
    peer.named = "https://evil.invalid"
    with pytest.raises(Unavailable):
        await client.get("/things")
    assert peer.asked == []


async def test_nobody_there_is_unavailable():
    tokens = TokenSource(
        Auth(issuer="http://127.0.0.1:9"), Client(client_id="a", client_secret=SecretStr("s"))
    )
    with pytest.raises(Unavailable, match="no token"):
        await tokens.token()
    await tokens.close()
