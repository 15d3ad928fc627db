"""The usual answer without the framework, which costs more than all that an answer needs (ADR 35).

What is not as expected, or is refused, goes the ordinary way from its beginning, which finds out
what is wrong: the same answer may be submitted twice.
"""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import FastAPI, Response
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assessment_service.application.sealing_ports import KeysUnavailableError, UnreadableRoundError
from assessment_service.domain.errors import DomainError
from assessment_service.entrypoints.http.access import TO_ANSWER
from assessment_service.entrypoints.http.answer_schemas import AnswerBody
from assessment_service.entrypoints.http.answers import submit
from assessment_service.entrypoints.http.quick_rounds import ROUND_PATH
from servicekit.access import known_caller
from servicekit.failures import DRIVER_ERRORS
from servicekit.problems import ProblemError

_PATH = re.compile(f"{ROUND_PATH}/answer")
_MOST_BYTES = 64 * 1024


_REFUSALS = (
    ValidationError,
    ProblemError,
    DomainError,
    UnreadableRoundError,
    KeysUnavailableError,
    OSError,
    *DRIVER_ERRORS,
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
        is_usual = is_json and len(headers) == len(scope["headers"])  # none is given twice
        if not path or not is_usual or not 0 < _length(headers) <= _MOST_BYTES:
            await self._app(scope, receive, send)
            return
        received = [await receive()]
        while received[-1].get("more_body"):
            received.append(await receive())
        response = await self._stored(scope["app"], headers, UUID(path[1]), received)
        if response is not None:
            await response(scope, receive, send)
            return

        async def again() -> Message:
            return received.pop(0) if received else await receive()

        await self._app(scope, again, send)

    async def _stored(
        self,
        api: FastAPI,
        headers: Mapping[bytes, bytes],
        round_id: UUID,
        received: Sequence[Message],
    ) -> Response | None:
        """The response; None if the answer has to go the ordinary way."""
        try:
            caller = known_caller(api, headers, TO_ANSWER)
            if caller is None or received[-1]["type"] != "http.request":
                return None
            content = b"".join(message.get("body", b"") for message in received)
            body = AnswerBody.model_validate_json(content)
            # One colon per name: none is given twice.
            if content.count(b":") != 1 + len(body.answers):
                return None
            return await submit(api.state.app, caller, round_id, body)
        except _REFUSALS:
            return None


def _length(headers: dict[bytes, bytes]) -> int:
    """0 if it is not announced."""
    return int(headers.get(b"content-length", b"0"))
