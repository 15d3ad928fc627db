"""The sample service as a process: `python sample_service.py api worker`, settings SAMPLE_*.

POST /counters/{id} raises a counter; /fail/* fail in every way that a request can.
"""

import asyncio
import os
from collections.abc import Sequence
from typing import Annotated
from unittest.mock import patch

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import text

from contracts.registry import TOPICS, Topic
from servicekit import audit_verify
from servicekit.access import may
from servicekit.auth import Authenticator, Principal
from servicekit.consumer import Consumer
from servicekit.db import create_engine
from servicekit.heartbeat import Heartbeat
from servicekit.http import HttpServer, create_api, create_health_api
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.lag import Lag
from servicekit.maintenance import maintenance
from servicekit.paging import Page, PageQuery
from servicekit.relay import Relay
from servicekit.runtime import Component, service_main
from servicekit.settings import Audit, ServiceSettings, service_config
from support.apps import MIGRATIONS, Refused, SampleUnitOfWork, counter_bumped, subscribe

router = APIRouter()
Caller = Annotated[Principal, may("rounds.close")]


class Bump(BaseModel):
    """How to raise a counter; `pause` holds the transaction open (s)."""

    note: str = ""
    pause: Annotated[float, Field(ge=0, le=10)] = 0


class Counter(BaseModel):
    counter_id: str
    version: int


@router.post("/counters/{counter_id}")
async def bump(
    counter_id: str, body: Bump, request: Request, key: IdempotencyKey, caller: Caller
) -> Response:
    async with request.app.state.app.uow() as uow:

        async def produce() -> Counter:
            version = await uow.bump(counter_id, body.note)
            await asyncio.sleep(body.pause)
            if counter_id == "refused":
                raise Refused("counter-stopped", "conflict", "The counter is stopped.")
            return Counter(counter_id=counter_id, version=version)

        return await idempotent(uow, key, produce, status=201)


@router.get("/counters")
async def counters(page: PageQuery, request: Request, caller: Caller) -> Page[Counter]:
    async with request.app.state.app.uow() as uow:
        rows = await uow.connection.execute(
            text("select counter_id, version from counters order by 1 limit :limit offset :offset"),
            {"limit": page.limit, "offset": page.offset},
        )
        items = [Counter(counter_id=row.counter_id, version=row.version) for row in rows]
    return Page(items=items, page=page.page, limit=page.limit, total=len(items))


@router.get("/fail/{how}")
async def fail(how: str, request: Request) -> None:
    if how == "bug":
        raise ZeroDivisionError("a secret: hunter2")
    if how in ("not_found", "conflict", "forbidden", "invalid", "gone"):
        raise Refused("sample-refusal", how, "Refused for a reason.")
    async with request.app.state.app.uow() as uow:
        await uow.connection.execute(text("select 1 from missing_table"))


class Settings(ServiceSettings):
    """Settings of the sample service."""

    model_config = service_config("SAMPLE_")
    hosts: tuple[str, ...] = ()


class Sample:
    """The sample application; `SAMPLE_PREFIX` separates the topics of concurrent tests."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = create_engine(settings.db)
        self.authenticator = Authenticator(settings.auth)
        self.event = counter_bumped(os.environ.get("SAMPLE_PREFIX", "sample"))

    def uow(self) -> SampleUnitOfWork:
        return SampleUnitOfWork(self.engine, self.event)

    def components(self, roles: Sequence[str]) -> list[Component]:
        api = create_health_api(self.engine)
        if "api" in roles:
            api = create_api(
                title="Sample",
                description="For tests.",
                routers=[router],
                engine=self.engine,
                authenticator=self.authenticator,
                app=self,
                limits=self.settings.http.limits,
                audit=Audit(),
                kafka=self.settings.kafka,
                refusals=Refused,
            )
        components: list[Component] = [HttpServer(api, self.settings.http)]
        lag = None
        if "worker" in roles:
            group = f"{self.event.TYPE.split('.')[0]}.effects"
            groups = [subscribe(group, self.event)]
            consumer = Consumer(self.settings.kafka, self.uow, groups)
            lag = Lag(self.settings.kafka, consumer.progress)
            components += [
                consumer,
                Relay(self.settings.db.dsn.get_secret_value(), self.settings.kafka),
                maintenance(self.engine),
            ]
        return [*components, Heartbeat(self.engine, "sample", roles, lag=lag)]

    async def close(self) -> None:
        await self.authenticator.close()
        await self.engine.dispose()


def main() -> None:
    """The process. The topic of its audit trail is the test's own, as the other one is."""
    prefix = os.environ.get("SAMPLE_PREFIX", "sample")
    topics = {**TOPICS, "sample.audit": Topic(f"{prefix}.audit", "sample", "internal", 1)}
    with patch.object(audit_verify, "TOPICS", topics):
        service_main("sample", Settings, Sample, MIGRATIONS)


if __name__ == "__main__":
    main()
