"""An issuer that is slow, answers with errors, lies, or never ends: over real connections.

Seen red: one that sends a byte now and then kept every request waiting for as long as it liked.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from servicekit.auth import Authenticator
from servicekit.problems import ProblemError
from servicekit.service_client import TokenSource, Unavailable
from servicekit.settings import Auth, Client
from support.eventually import eventually
from support.listening import listening
from support.tokens import FakeIssuer

ANSWERED_SECONDS = 8
TOKEN_SECONDS = 15
Answer = Callable[[], Response]


class BadIssuer(FakeIssuer):
    """As `wrong` says at the moment, where that is set; else a good one."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.wrong = url, ""
        self.metadata = {
            "issuer": url,
            "jwks_uri": f"{url}/jwks",
            "token_endpoint": f"{url}/token",
        }
        self.stranger = FakeIssuer()

    def good_token(self) -> str:
        return self.token(iss=self.url)

    async def reply(self, request: Request) -> Response:
        path = request.url.path
        if self.wrong in WRONG_EVERYWHERE:
            return WRONG_EVERYWHERE[self.wrong]()
        if self.wrong == "slow twice":
            await asyncio.sleep(4.5)
        if path == "/token":
            grant = {"access_token": self.good_token(), "expires_in": 600}
            return JSONResponse(grant)
        if path != "/jwks":
            stranger = {"issuer": "https://stranger.invalid"}
            return JSONResponse(self.metadata | (stranger if self.wrong == "metadata" else {}))
        if self.wrong == "no keys":
            return JSONResponse({"keys": []})
        keys = self.stranger if self.wrong == "keys of another" else self
        return JSONResponse({"keys": keys.published()})


async def never() -> AsyncIterator[bytes]:
    await asyncio.sleep(60)
    yield b""


async def a_byte_now_and_then() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(0.5)


async def without_end() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 65_536
        await asyncio.sleep(0)


WRONG_EVERYWHERE: dict[str, Answer] = {
    "never answers": lambda: StreamingResponse(never()),
    "a byte now and then": lambda: StreamingResponse(a_byte_now_and_then()),
    "without end": lambda: StreamingResponse(without_end()),
    "errors": lambda: PlainTextResponse("no", 500),
    "no JSON": lambda: PlainTextResponse("<html>maintenance</html>"),
    "a list": lambda: JSONResponse([]),
    "nested without end": lambda: PlainTextResponse("[" * 100_000),
    "elsewhere": lambda: Response(status_code=302, headers={"location": "http://127.0.0.1:9/"}),
}
WITHOUT_KEYS = (*WRONG_EVERYWHERE, "metadata", "no keys", "slow twice")


@asynccontextmanager
async def bad_issuer() -> AsyncIterator[BadIssuer]:
    api = FastAPI()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        issuer = BadIssuer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        api.add_route("/{path:path}", issuer.reply, methods=["GET", "POST"])
        async with listening(api, listener):
            yield issuer


async def refusal(authenticator: Authenticator, token: str) -> tuple[int, str]:
    """The status and the code; it must come in time."""
    begun = monotonic()
    with pytest.raises(ProblemError) as raised:
        await asyncio.wait_for(authenticator.authenticate(token), ANSWERED_SECONDS)
    assert monotonic() - begun < ANSWERED_SECONDS
    return raised.value.status, raised.value.code


async def test_whatever_the_issuer_does_each_request_is_answered_and_later_all_is_well() -> None:
    async def without_keys(wrong: str) -> None:
        async with bad_issuer() as issuer:
            authenticator = Authenticator(Auth(issuer=issuer.url))
            issuer.wrong = wrong
            assert await refusal(authenticator, issuer.good_token()) == (503, "unavailable"), wrong
            issuer.wrong = ""

            async def accepted() -> bool:
                try:
                    return bool(await authenticator.authenticate(issuer.good_token()))
                except ProblemError as problem:
                    raise AssertionError(problem.detail) from problem

            await eventually(accepted, within=5)
            await authenticator.close()

    await asyncio.gather(*map(without_keys, WITHOUT_KEYS))


async def test_who_is_known_is_served_at_once_while_the_issuer_misbehaves() -> None:
    async def with_keys(wrong: str) -> None:
        async with bad_issuer() as issuer:
            now = 0.0
            authenticator = Authenticator(Auth(issuer=issuer.url), clock=lambda: now)
            known = issuer.good_token()
            await authenticator.authenticate(known)
            issuer.wrong = wrong
            now += 400  # so that the keys are to be fetched anew
            forged = issuer.token(iss=issuer.url, key=issuer.stranger.keys[0])
            fetching = asyncio.create_task(refusal(authenticator, forged))
            await asyncio.sleep(0.2)
            async with asyncio.timeout(1):
                await authenticator.authenticate(known)
            assert await fetching == (401, "unauthenticated"), wrong
            await authenticator.close()

    await asyncio.gather(*map(with_keys, WITHOUT_KEYS))


async def test_keys_of_another_issuer_open_nothing_and_the_right_ones_open_again() -> None:
    async with bad_issuer() as issuer:
        now = 0.0
        authenticator = Authenticator(Auth(issuer=issuer.url), clock=lambda: now)
        issuer.wrong = "keys of another"
        assert await refusal(authenticator, issuer.good_token()) == (401, "unauthenticated")
        issuer.wrong = ""
        now += 10
        await authenticator.authenticate(issuer.good_token())
        issuer.rotate(keep_old=False)
        now += 10
        await authenticator.authenticate(issuer.good_token())
        await authenticator.close()


async def test_a_service_gets_no_token_from_such_an_issuer_and_goes_on_later() -> None:
    async def without_token(wrong: str) -> None:
        async with bad_issuer() as issuer:
            client = Client(client_id="sample", client_secret="secret", issuer=issuer.url)
            tokens = TokenSource(Auth(issuer=issuer.url), client)
            issuer.wrong = wrong
            with pytest.raises(Unavailable):
                await asyncio.wait_for(tokens.token(), TOKEN_SECONDS)
            issuer.wrong = ""
            assert await tokens.token()
            await tokens.close()

    await asyncio.gather(*map(without_token, (*WRONG_EVERYWHERE, "metadata")))
