"""Each API is limited, and a limit on the way of an answer says nothing either."""

import httpx
import pytest
from prometheus_client import REGISTRY

from generators.openapi import app_of
from generators.settings import SERVICES

AT_ONCE = 30
ANSWER = "/v1/rounds/3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21/answer"


def refused() -> float:
    labels = {"limit": "address"}
    return REGISTRY.get_sample_value("requests_refused_total", labels) or 0.0


async def asked(service: str, path: str, count: int) -> list[httpx.Response]:
    limit = {f"{service.upper()}_HTTP__LIMITS__PER_ADDRESS": "60"}
    app = app_of(service, **limit)
    transport = httpx.ASGITransport(app.api(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answers = [await client.put(path) for _ in range(count)]
    await app.close()
    return answers


@pytest.mark.parametrize("service", SERVICES)
async def test_one_address_without_a_token_is_limited(service: str) -> None:
    before = refused()
    answers = await asked(service, "/v1/nothing", AT_ONCE + 5)
    assert {answer.status_code for answer in answers[:AT_ONCE]} == {404}
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "too-many-requests"
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert refused() > before


async def test_a_refusal_on_the_way_of_an_answer_has_the_same_length_and_is_not_counted() -> None:
    before = refused()
    answers = await asked("assessment", ANSWER, AT_ONCE + 5)
    assert (answers[0].status_code, answers[-1].status_code) == (401, 429)
    assert len({on_the_wire(answer) for answer in answers}) == 1
    assert refused() == before


def on_the_wire(answer: httpx.Response) -> int:
    line = f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\r\n"
    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return len(line) + headers + 2 + len(answer.content)
