"""Requests of the demo: an answer that does not come is waited for, a refusal is not."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from demo import api as apis
from demo.api import Api, DemoError, RefusedError
from demo.ledger import Ledger

ADDRESSES = (
    *("ISSUER_URL", "MAILBOX_URL", "ASSESSMENT_URL", "CONTENT_URL"),
    *("NOTIFICATION_URL", "PEOPLE_URL", "WORKFLOW_URL"),
)
Answer = Callable[[web.Request], web.Response]


class Platform:
    """A server that gives `answers` one after the other, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, str, str | None, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        kind = request.headers.get("content-type")
        self.asked.append((request.method, request.path_qs, kind, await request.text()))
        return self.answers.pop(0)(request)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def api(platform: Platform, tmp_path: Path) -> AsyncIterator[Api]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", platform.answer)
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/")
        api = Api(dict.fromkeys(ADDRESSES, url), Ledger(tmp_path / "ledger.jsonl"))
        api._tokens = {"auditor": apis._Token("t", float("inf"))}
        yield api
        await api.close()


def hang_up(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.close()
    return web.Response()


def says(status: int, body: object = None) -> Answer:
    return lambda _: web.json_response(body, status=status)


async def test_a_connection_that_breaks_costs_time_only(api: Api, platform: Platform) -> None:
    platform.answers = [hang_up, says(503), says(200, {"items": [{"text": "Hej"}]})]
    assert await api.mails(40, 1) == [{"text": "Hej"}]


async def test_a_body_names_its_content_type(api: Api, platform: Platform) -> None:
    platform.answers = [says(200, {})] * 3
    await api.post("auditor", "content", "/meetings", {"unit": "Åsö"}, kind="meeting", size=3)
    await api.post("auditor", "workflow", "/units", "id;name\nå;Å", kind="import")
    await api.post("auditor", "assessment", "/rounds/1/close", kind="close")
    assert platform.asked == [
        ("POST", "/v1/meetings?size=3", "application/json", '{"unit": "\\u00c5s\\u00f6"}'),
        ("POST", "/v1/units", "text/csv; charset=utf-8", "id;name\nå;Å"),
        ("POST", "/v1/rounds/1/close", None, ""),
    ]


async def test_a_refusal_is_reported_at_once(api: Api, platform: Platform) -> None:
    platform.answers = [says(409, {"code": "stale", "detail": "Look again."})]
    with pytest.raises(RefusedError, match="409 stale: Look again"):
        await api.get("auditor", "workflow", "/rollouts")


async def test_a_server_that_stays_away_ends_with_a_sentence(tmp_path: Path) -> None:
    nobody = dict.fromkeys(ADDRESSES, "http://127.0.0.1:9")
    api = Api(nobody, Ledger(tmp_path / "ledger.jsonl"))
    api.deadline = 0.2
    with pytest.raises(DemoError, match="reading the mail catcher got no answer"):
        await api.mails(40, 1)
    await api.close()
