"""A process is live if it answers, and ready if its own database answers.

It takes requests while Kafka is away: events wait in the outbox.
"""

import asyncio

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_READY_SECONDS = 2


def health_router(engine: AsyncEngine) -> APIRouter:
    """/health/live, /health/ready and /metrics. They need no token and show nothing else."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready(response: Response) -> dict[str, str]:
        try:
            async with asyncio.timeout(_READY_SECONDS), engine.connect() as connection:
                await connection.execute(text("select 1"))
        except Exception as error:
            response.status_code = 503
            return {"status": "not ready", "database": type(error).__name__}
        return {"status": "ready"}

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
