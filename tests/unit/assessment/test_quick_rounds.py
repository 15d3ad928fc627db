"""The usual reading of a round is done without the framework; all else goes the ordinary way."""

import json
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from starlette.types import Message, Receive, Scope, Send

from assessment_service.application.ports import Scope as UnitScope
from assessment_service.application.reading import RoundView
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.domain.round import unknown_error
from assessment_service.entrypoints.http.instrument_schemas import InstrumentDocuments
from assessment_service.entrypoints.http.quick_rounds import QuickRounds
from servicekit.auth import Assignment, Principal
from support.scopes import only
from unit.assessment.builders import a_round, instrument, release

ROUND = a_round(release())
PATH = f"/v1/rounds/{ROUND.round_id}"


class Platform:
    """The API around QuickRounds: an authenticator, the reads, and the ordinary way."""

    def __init__(self, role: str = "employee") -> None:
        self.role, self.ordinary = role, 0
        self.state = SimpleNamespace(authenticator=self, app=self)
        self.reading, self.rule = self, PrivacyRule(7)
        self.instrument_json = InstrumentDocuments().of

    def known(self, token: str) -> Principal | None:
        if token != "good":
            return None
        return Principal("anna", "issuer", frozenset({Assignment(self.role, "ward")}))

    async def round(self, round_id: UUID, scope: UnitScope) -> RoundView:
        if round_id != ROUND.round_id or scope != only("ward"):
            raise unknown_error(round_id)
        return RoundView(ROUND, instrument(), has_custodian=False, others=())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.ordinary += 1

    async def get(
        self,
        path: str = PATH,
        method: str = "GET",
        query: bytes = b"",
        authorization: str = "Bearer good",
        known: str = "",
        before: str = "",
    ) -> tuple[list[Message], Scope]:
        headers = {"authorization": authorization, "if-none-match": known}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": [
                *([(b"authorization", before.encode())] if before else ()),
                *((name.encode(), value.encode()) for name, value in headers.items()),
            ],
            "app": self,
        }
        sent: list[Message] = []

        async def receive() -> Message:
            raise AssertionError("a GET has no body")

        async def send(message: Message) -> None:
            sent.append(message)

        await QuickRounds(self)(scope, receive, send)
        return sent, scope


async def test_the_usual_reading_does_not_take_the_ordinary_way() -> None:
    platform = Platform()
    (start, body), scope = await platform.get()
    assert start["status"] == 200
    assert json.loads(body["body"])["round_id"] == str(ROUND.round_id)
    assert scope["route"].path_format == "/v1/rounds/{round_id}"  # what it is measured under
    assert platform.ordinary == 0


async def test_who_has_the_round_already_gets_no_body() -> None:
    (start, _), _ = await Platform().get()
    tag = dict(start["headers"])[b"etag"].decode()
    (again, body), _ = await Platform().get(known=tag)
    assert (again["status"], body["body"]) == (304, b"")
    (other, body), _ = await Platform().get(known='"another"')
    assert other["status"] == 200
    assert json.loads(body["body"])


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "HEAD"},
        {"path": PATH + "/"},
        {"path": f"/v1/rounds/{ROUND.round_id.hex}"},
        {"path": "/v1/rounds/22222222-2222-4222-8222-222222222222"},
        {"query": b"x=1"},
        {"authorization": "Basic good"},
        {"authorization": "Bearer bad"},
        {"before": "Bearer bad"},
    ],
    ids=str,
)
async def test_what_is_unusual_takes_the_ordinary_way(asked: dict[str, Any]) -> None:
    platform = Platform()
    sent, _ = await platform.get(**asked)
    assert (sent, platform.ordinary) == ([], 1)


async def test_who_may_not_read_rounds_takes_the_ordinary_way() -> None:
    platform = Platform(role="nobody")
    await platform.get()
    assert platform.ordinary == 1
