"""The one question that is asked of the assessment service, answered over HTTP.

The real service answers it in tests/e2e/test_reminders.py.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse


class AssessmentServer:
    """`answered` are subjects; with a `problem`, every question is refused with 409 and this code.

    Keeps what it was asked, by whom.
    """

    def __init__(self) -> None:
        self.url, self.answered, self.problem = "", set[str](), ""
        self.asked: list[tuple[str, list[str]]] = []

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["AssessmentServer"]:
        api = FastAPI()
        api.get("/health/ready")(self._ready)
        api.post("/v1/rounds/{round_id}/without-answer", response_model=None)(self._without_answer)
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(api, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server._serve([listener]))
        yield self
        server.should_exit = True
        await serving

    async def _ready(self) -> dict[str, Any]:
        return {}

    async def _without_answer(self, round_id: str, request: Request) -> Response:
        subjects = (await request.json())["subjects"]
        self.asked.append((round_id, subjects))
        if self.problem:
            return JSONResponse({"code": self.problem, "detail": ""}, 409)
        left = [one for one in subjects if one not in self.answered]
        closes_at = datetime.now(UTC) + timedelta(days=3)
        return JSONResponse({"subjects": left, "closes_at": closes_at.isoformat()})
