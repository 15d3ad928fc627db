"""The comparison: FastAPI, one round trip to PostgreSQL or a stream of events, nothing else.

Run as `python -m bench.bare_api` with BENCH_DSN (of a role that may create a table), BENCH_PORT.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import uvloop
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from servicekit.http import HttpServer
from servicekit.runtime import run_components
from servicekit.settings import Http


class Sheet(BaseModel):
    """The body that the service gets, too."""

    answers: dict[str, int | None]


class Bell:
    """Rings for all who listen."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def rings(self) -> AsyncIterator[str]:
        """Once at once, then each time."""
        while True:
            yield "event: changed\ndata:\n\n"
            await self._next.wait()


def create_app(pool: asyncpg.Pool) -> FastAPI:
    """Two endpoints with a round trip each, streams, and what says that the process is up."""
    app, bell = FastAPI(telemetry={"tracing": False}), Bell()

    @app.put("/insert/{answer_id}")
    async def insert(answer_id: UUID, body: Sheet) -> dict[str, int]:
        await pool.execute(
            "insert into bare_answers values ($1, $2)", answer_id, body.model_dump_json()
        )
        return {"stored": len(body.answers)}

    @app.put("/select/{answer_id}")
    async def select(answer_id: UUID, body: Sheet) -> dict[str, int]:
        return {"stored": await pool.fetchval("select 1")}

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(bell.rings(), media_type="text/event-stream")

    @app.post("/ring")
    async def ring() -> dict[str, str]:
        bell.ring()
        return {}

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    return app


async def keep(connection: asyncpg.Connection) -> None:
    """Spare the pool's reset, a second round trip; the service does so as well."""


async def main() -> None:
    """Serve until SIGTERM, as the services do."""
    pool = await asyncpg.create_pool(os.environ["BENCH_DSN"], min_size=0, max_size=10, reset=keep)
    await pool.execute("create table bare_answers (answer_id uuid primary key, body text)")
    http = Http(port=int(os.environ["BENCH_PORT"]))
    await run_components([HttpServer(create_app(pool), http)])
    await pool.close()


if __name__ == "__main__":
    uvloop.run(main())
