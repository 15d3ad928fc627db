"""A process is live if it answers: only one that is not has to be started again. It is ready if its
own database answers.

It takes requests while Kafka is away: events wait in the outbox. What it cannot do meanwhile is
in the answer.
"""

import asyncio

from fastapi import APIRouter, Request, Response
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from servicekit.metrics import DATABASE, held_back, servers_away, topics_held_up

_READY_SECONDS = 2


class Readiness(BaseModel):
    """`cannot` lists what this process cannot do now, in words."""

    status: str
    cannot: list[str]


def health_router(engine: AsyncEngine) -> APIRouter:
    """/health/live, /health/ready and /metrics. They need no token and show nothing else."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready(response: Response) -> Readiness:
        cannot = [f"reach {name}" for name in servers_away() if name != DATABASE]
        cannot += [f"publish to {topic}" for topic in topics_held_up()]
        cannot += held_back()
        try:
            async with asyncio.timeout(_READY_SECONDS), engine.connect() as connection:
                await connection.execute(text("select 1"))
        except Exception as error:
            response.status_code = 503
            cannot = [f"reach {DATABASE}: {type(error).__name__}", *cannot]
            return Readiness(status="not ready", cannot=cannot)
        return Readiness(status="ready", cannot=cannot)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        """OpenMetrics, with exemplars, for who asks for it; else Prometheus's older text format."""
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(REGISTRY), media_type=media_type)

    return router
