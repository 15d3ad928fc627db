"""Requests of the demo: an answer that does not come is waited for, a refusal is not."""

import itertools
from pathlib import Path

import httpx
import pytest

from demo import api as apis
from demo.api import Api, DemoError, RefusedError
from demo.ledger import Ledger

ENV = {
    name: f"http://{name.lower()}"
    for name in (
        *("ISSUER_URL", "MAILBOX_URL", "ASSESSMENT_URL", "CONTENT_URL"),
        *("NOTIFICATION_URL", "PEOPLE_URL", "WORKFLOW_URL"),
    )
}


def api_of(tmp_path: Path, *answers: httpx.Response | Exception) -> Api:
    """An API whose servers give these answers, then the last one again and again."""
    api = Api(ENV, Ledger(tmp_path / "ledger.jsonl"))
    coming = itertools.chain(answers, itertools.repeat(answers[-1]))

    def answer(request: httpx.Request) -> httpx.Response:
        given = next(coming)
        if isinstance(given, Exception):
            raise given
        return given

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    api._http = dict.fromkeys(api._http, client)
    api._tokens = {"auditor": apis._Token("t", float("inf"))}
    return api


async def test_a_connection_that_breaks_costs_time_only(tmp_path: Path) -> None:
    broken = httpx.RemoteProtocolError("Server disconnected without sending a response.")
    page = httpx.Response(200, json={"items": [{"text": "Hej"}]})
    api = api_of(tmp_path, broken, httpx.Response(503), page)
    assert await api.mails(40, 1) == [{"text": "Hej"}]


async def test_a_refusal_is_reported_at_once(tmp_path: Path) -> None:
    api = api_of(tmp_path, httpx.Response(409, json={"code": "stale", "detail": "Look again."}))
    with pytest.raises(RefusedError, match="409 stale: Look again"):
        await api.get("auditor", "workflow", "/rollouts")


async def test_a_server_that_stays_away_ends_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apis, "_DEADLINE_SECONDS", 0.2)
    with pytest.raises(DemoError, match="reading the mail catcher got no answer"):
        await api_of(tmp_path, httpx.ConnectError("refused")).mails(40, 1)
