"""The usual answer without the framework, which costs more than all that an answer needs (ADR 35).

What is not as expected, or is refused, goes the ordinary way from its beginning, which finds out
what is wrong: the same answer may be submitted twice.
"""

import re
from uuid import UUID

from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assessment_service.application.ports import KeysUnavailableError, UnreadableRoundError
from assessment_service.domain.errors import DomainError
from assessment_service.entrypoints.http.access import TO_ANSWER
from assessment_service.entrypoints.http.answer_schemas import AnswerBody
from assessment_service.entrypoints.http.answers import submit
from servicekit.access import caller_of
from servicekit.api_info import VERSION_PATH
from servicekit.problems import ProblemError

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PATH = re.compile(f"{VERSION_PATH}/rounds/({_UUID})/answer")
_MOST_BYTES = 64 * 1024


class _Unusual(Exception):
    """A body that has to be looked at more closely."""


_REFUSALS = (
    _Unusual,
    ValidationError,
    ProblemError,
    DomainError,
    UnreadableRoundError,
    KeysUnavailableError,
    OSError,
)


class QuickAnswers:
    """Middleware, inside of EvenLength."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_put = scope["type"] == "http" and scope["method"] == "PUT" and not scope["query_string"]
        path = _PATH.fullmatch(scope["path"]) if is_put else None
        headers = dict(scope["headers"]) if path else {}
        is_json = headers.get(b"content-type") == b"application/json"
        if not path or not is_json or not 0 < _length(headers) <= _MOST_BYTES:
            await self._app(scope, receive, send)
            return
        received = [await receive()]
        while received[-1].get("more_body"):
            received.append(await receive())
        try:
            content = b"".join(message.get("body", b"") for message in received)
            body = AnswerBody.model_validate_json(content)
            # One colon per name: none is given twice.
            if content.count(b":") != 1 + len(body.answers):
                raise _Unusual
            caller = await caller_of(scope["app"], headers, TO_ANSWER)
            response = await submit(scope["app"].state.app, caller, UUID(path[1]), body)
        except _REFUSALS:

            async def again() -> Message:
                return received.pop(0) if received else await receive()

            await self._app(scope, again, send)
            return
        await response(scope, receive, send)


def _length(headers: dict[bytes, bytes]) -> int:
    """0 if it is not announced."""
    return int(headers.get(b"content-length", b"0"))
