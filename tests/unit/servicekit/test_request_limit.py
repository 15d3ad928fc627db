"""One person, one service, one address: each has a share of its own."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from servicekit import request_limit
from servicekit.auth import Authenticator
from servicekit.metrics import REQUESTS_REFUSED
from servicekit.problems import ProblemError
from servicekit.request_limit import RequestLimit
from servicekit.settings import Auth, Limits
from support.eventually import eventually
from support.tokens import ISSUER, FakeIssuer, held

MOST = 30
"""At once, of 60 per minute."""
FOR_EACH = Limits(per_person=60, per_service=120, per_address=60, at_once=3)


class Api:
    """An application that checks the token; `bodies` are those that it has read."""

    def __init__(self) -> None:
        self.issuer, self.bodies = FakeIssuer(), 0
        self.now = 0.0
        self.under_way, self.most_under_way = 0, 0
        self.authenticator = Authenticator(Auth(issuer=ISSUER), self.issuer.client)
        self.limited = RequestLimit(
            self,
            limits=FOR_EACH,
            authenticator=self.authenticator,
            is_unmeasured=lambda scope: scope["path"] == "/answer",
            clock=lambda: self.now,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        self.bodies += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.01)
        self.under_way -= 1
        token = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        try:
            await self.authenticator.authenticate(token)
        except ProblemError as error:
            await PlainTextResponse("", error.status)(scope, receive, send)
            return
        await PlainTextResponse("")(scope, receive, send)

    async def statuses(
        self, token: str, count: int, address: str = "192.0.2.1", path: str = "/"
    ) -> list[int]:
        return [(await self.ask(token, address, path)).status_code for _ in range(count)]

    async def ask(self, token: str, address: str = "192.0.2.1", path: str = "/") -> httpx.Response:
        transport = httpx.ASGITransport(self.limited, client=(address, 1))
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://sample") as client:
            return await client.get(path, headers=headers)


@pytest.fixture
def api() -> Iterator[Api]:
    REQUESTS_REFUSED.clear()
    yield Api()
    REQUESTS_REFUSED.clear()


def refused(limit: str) -> float:
    return float(REQUESTS_REFUSED.labels(limit)._value.get())


async def test_a_person_who_sends_too_much_is_asked_to_wait(api: Api) -> None:
    anna = api.issuer.token(sub="anna")
    # The first is of a token that is new here, and counts for the address.
    assert await api.statuses(anna, MOST + 2) == [200] * (MOST + 1) + [429]
    answer = await api.ask(anna)
    assert answer.json()["code"] == "too-many-requests"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "1"
    assert api.bodies == MOST + 1
    assert refused("person") == 2


async def test_the_body_of_a_refused_request_is_not_read(api: Api) -> None:
    await api.statuses("", MOST)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        pytest.fail("the body was read")

    scope = {"type": "http", "path": "/", "headers": [], "client": ("192.0.2.1", 1)}
    await api.limited(
        {**scope, "method": "PUT", "query_string": b"", "server": None}, receive, send
    )
    assert sent[0]["status"] == 429


async def test_another_person_at_the_same_address_is_not_concerned(api: Api) -> None:
    anna, bo = api.issuer.token(sub="anna"), api.issuer.token(sub="bo")
    await api.statuses(anna, 2 * MOST)
    assert await api.statuses(bo, MOST) == [200] * MOST


async def test_one_person_has_one_share_with_all_tokens_and_addresses(api: Api) -> None:
    tokens = [api.issuer.token(sub="anna", jti=str(number)) for number in range(2)]
    for number, token in enumerate(tokens):
        await api.statuses(token, 1 + MOST // 2, f"192.0.2.{number}")
    assert await api.statuses(tokens[0], 1, "192.0.2.9") == [429]


async def test_wrong_tokens_count_for_the_address_whatever_they_say(api: Api) -> None:
    for number in range(MOST):
        forged = api.issuer.token(sub=f"person-{number}") + "x"
        assert (await api.ask(forged)).status_code == 401
    assert (await api.ask("")).status_code == 429
    assert (await api.ask("", "192.0.2.2")).status_code == 401
    assert refused("address") == 1


async def test_who_guesses_tokens_does_not_lock_out_who_is_known(api: Api) -> None:
    anna = api.issuer.token(sub="anna")
    await api.ask(anna)
    await api.statuses("guess", 2 * MOST)
    assert await api.statuses(anna, 1) == [200]


async def test_a_token_that_has_expired_is_nobodys(api: Api, monkeypatch: Any) -> None:
    anna = api.issuer.token(sub="anna")
    await api.ask(anna)
    assert api.authenticator.known(anna)
    monkeypatch.setattr("time.time", lambda: 1e12)
    assert api.authenticator.known(anna) is None


async def test_nobody_is_remembered_although_nobody_asks_any_more(
    api: Api, monkeypatch: Any
) -> None:
    monkeypatch.setattr(request_limit, "BURST_SECONDS", 0.01)
    anna = api.issuer.token(sub="anna")
    await api.statuses(anna, 2)
    api.now = 3600
    monkeypatch.setattr("time.time", lambda: 1e12)

    async def forgotten() -> bool:
        assert not any(map(len, api.limited._rates.values()))
        assert not api.authenticator._keys._verified
        return True

    await eventually(forgotten, within=5)


async def test_a_service_of_the_platform_has_a_share_of_its_own(api: Api) -> None:
    token = api.issuer.token(sub="notification-service", assignments=held(["service"]))
    assert await api.statuses(token, 2 * MOST + 2) == [200] * (2 * MOST + 1) + [429]
    assert refused("service") == 1


@pytest.mark.parametrize("is_new", [True, False])
async def test_a_person_has_few_requests_under_way(api: Api, is_new: bool) -> None:
    anna, bo = api.issuer.token(sub="anna"), api.issuer.token(sub="bo")
    if not is_new:
        await api.ask(anna)
    asking = [asyncio.create_task(api.ask(anna)) for _ in range(12)]
    await asyncio.gather(*asking)
    assert {task.result().status_code for task in asking} == {200}
    assert api.most_under_way == 3
    await asyncio.gather(*(api.ask(token) for token in (anna, bo) for _ in range(4)))
    assert api.most_under_way == 6


async def test_services_and_who_has_no_token_take_no_turns(api: Api) -> None:
    service = api.issuer.token(sub="notification-service", assignments=held(["service"]))
    await api.ask(service)
    await asyncio.gather(*(api.ask(service) for _ in range(8)))
    assert api.most_under_way == 8
    await asyncio.gather(*(api.ask("") for _ in range(10)))
    assert api.most_under_way == 10


async def test_health_and_metrics_are_never_refused(api: Api) -> None:
    for path in ("/health/live", "/metrics"):
        assert 429 not in await api.statuses("", 2 * MOST, path=path)


async def test_what_leaves_no_trace_is_refused_without_being_counted(api: Api) -> None:
    anna = api.issuer.token(sub="anna")
    assert (await api.statuses(anna, MOST + 2, path="/answer"))[-1] == 429
    assert refused("person") == 0
