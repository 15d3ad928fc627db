"""The usual answer is stored without the framework; all else goes the ordinary way, whole."""

import json
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from starlette.types import Message, Receive, Scope, Send

from assessment_service.application.answering import PersonalProfile
from assessment_service.application.commands import SubmitAnswer
from assessment_service.application.sealing_ports import UnreadableRoundError
from assessment_service.domain.errors import DomainError
from assessment_service.domain.scoring import profile
from assessment_service.entrypoints.http.answer_schemas import ProfileBody, ProfileDocuments
from assessment_service.entrypoints.http.quick_answers import QuickAnswers
from servicekit.auth import Assignment, Principal
from unit.assessment.builders import answers, instrument

ROUND = UUID("22222222-2222-4222-8222-222222222222")
PATH = f"/v1/rounds/{ROUND}/answer"
BODY = json.dumps({"answers": answers(3)}).encode()
HEADERS = {"authorization": "Bearer good", "content-type": "application/json"}


class Platform:
    """The API around QuickAnswers: an authenticator, the use case, and the ordinary way."""

    def __init__(self, error: Exception | None = None, role: str = "employee") -> None:
        self.error, self.role = error, role
        self.submitted: list[SubmitAnswer] = []
        self.ordinary: list[bytes] = []
        self.state = SimpleNamespace(
            authenticator=self,
            app=SimpleNamespace(answering=self, profile_json=ProfileDocuments().of),
        )

    def known(self, token: str) -> Principal | None:
        if token != "good":
            return None
        return Principal("anna", "issuer", frozenset({Assignment(self.role, "ward")}))

    async def submit(self, command: SubmitAnswer) -> PersonalProfile:
        if self.error:
            raise self.error
        self.submitted.append(command)
        return PersonalProfile(instrument(), profile(instrument(), command.answers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message.get("more_body", False)
        self.ordinary.append(body)

    async def put(
        self,
        body: bytes = BODY,
        path: str = PATH,
        method: str = "PUT",
        query: bytes = b"",
        again: tuple[bytes, bytes] | None = None,
        last: str = "http.request",
        **headers: str,
    ) -> list[Message]:
        """`again`: a header that is given before; `last`: the kind of the last message."""
        given = {**HEADERS, "content-length": str(len(body)), **headers}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": [
                *([again] if again else ()),
                *((name.replace("_", "-").encode(), v.encode()) for name, v in given.items()),
            ],
            "app": self,
        }
        sent: list[Message] = []
        parts = [{"body": body[:10], "more_body": True}, {"body": body[10:], "more_body": False}]

        async def receive() -> Message:
            part = parts.pop(0)
            return {"type": "http.request" if parts else last, **part}

        async def send(message: Message) -> None:
            sent.append(message)

        await QuickAnswers(self)(scope, receive, send)
        return sent


async def test_the_usual_answer_does_not_take_the_ordinary_way() -> None:
    platform = Platform()
    start, body = await platform.put()
    assert (start["status"], dict(start["headers"])[b"cache-control"]) == (200, b"no-store")
    (submitted,) = platform.submitted
    assert (submitted.round_id, submitted.subject, submitted.answers) == (ROUND, "anna", answers(3))
    assert {line["index"] for line in json.loads(body["body"])["profile"]} == {50}
    assert platform.ordinary == []


@pytest.mark.parametrize("answered", [{}, {"engagement-1": 1}, answers(1), answers(4), answers(5)])
def test_a_profile_is_written_as_the_documents_say(answered: dict[str, int | None]) -> None:
    written = ProfileDocuments().of(PersonalProfile(instrument(), profile(instrument(), answered)))
    assert ProfileBody.model_validate_json(written).model_dump_json().encode() == written


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "POST"},
        {"path": PATH + "/"},
        {"path": f"/v1/rounds/{ROUND.hex}/answer"},
        {"path": PATH.removeprefix("/v1")},
        {"query": b"x=1"},
        {"content_type": "text/plain"},
        {"authorization": "Basic good"},
        {"authorization": "Bearer bad"},
        {"again": (b"authorization", b"Bearer bad")},
        {"again": (b"content-type", b"text/plain")},
        {"last": "http.disconnect"},
        {"content_length": "0"},
        {"content_length": "70000"},
        {"body": b'{"answers": {"a": "3"}}'},
        {"body": b'{"answers": {"a": 3, "a": 4}}'},
        {"body": b'{"answers" : {"a" : 3, "a" : 4}}'},
        {"body": b'{"answers": {"a": 3}, "answers": {"a": 3}}'},
        {"body": b'{"answers": {"a": 3}, "more": 1}'},
        {"body": b'{"answers": {"a": '},
        {"body": b'{"answers": {"a": NaN}}'},
    ],
    ids=str,
)
async def test_what_is_unusual_takes_the_ordinary_way_whole(asked: dict[str, Any]) -> None:
    platform = Platform()
    assert await platform.put(**asked) == []
    assert platform.ordinary == [asked.get("body", BODY)]
    assert platform.submitted == []


@pytest.mark.parametrize(
    "error",
    [
        DomainError("round-closed", "conflict", "x"),
        UnreadableRoundError("x"),
        ConnectionError("x"),
        asyncpg.DeadlockDetectedError("x"),
    ],
    ids=str,
)
async def test_so_does_what_is_refused(error: Exception) -> None:
    platform = Platform(error)
    assert await platform.put() == []
    assert platform.ordinary == [BODY]


async def test_so_does_somebody_without_the_role() -> None:
    platform = Platform(role="auditor")
    assert await platform.put() == []
    assert (platform.ordinary, platform.submitted) == ([BODY], [])


async def test_an_error_of_our_own_is_not_tried_again() -> None:
    platform = Platform(AttributeError("a mistake"))
    with pytest.raises(AttributeError):
        await platform.put()
    assert platform.ordinary == []
