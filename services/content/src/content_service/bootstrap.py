"""Builds the service from its settings; the only module that knows every class."""

from collections.abc import Sequence
from functools import cached_property

from fastapi import FastAPI

from content_service.adapters.backlogs import backlogs
from content_service.adapters.free_texts import FREE_TEXTS
from content_service.adapters.unit_of_work import SOURCE, ContentUnitOfWork
from content_service.application import question_handlers
from content_service.domain.errors import DomainError
from content_service.entrypoints import events
from content_service.entrypoints.http import (
    articles,
    assignments,
    corrections,
    modules,
    practice,
    public,
    questions,
)
from content_service.settings import Settings
from servicekit.auth import Authenticator
from servicekit.backlog_metrics import backlog_metrics
from servicekit.consumer import Consumer
from servicekit.db import create_engine
from servicekit.erasing import Erasing
from servicekit.heartbeat import Heartbeat
from servicekit.http import HttpServer, create_api, create_health_api
from servicekit.lag import Lag
from servicekit.maintenance import audit_trail, maintenance
from servicekit.reach import Reach
from servicekit.relay import Relay
from servicekit.runtime import Component, Every
from servicekit.service_client import ServiceClient, TokenSource

_REMOVAL_SECONDS = 3600


class Content:
    """The application object. Nothing connects before a component runs or a request arrives."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = create_engine(settings.db)
        self._tokens = TokenSource(settings.auth, settings.client)
        self._people = ServiceClient(settings.people.url, self._tokens)
        self._erasing = Erasing("content", FREE_TEXTS, self._people, self.uow)

    def uow(self) -> ContentUnitOfWork:
        return ContentUnitOfWork(self._engine)

    def components(self, roles: Sequence[str]) -> list[Component]:
        """What a process with these roles runs."""
        api = self.api() if "api" in roles else create_health_api(self._engine)
        components: list[Component] = [HttpServer(api, self._settings.http)]
        servers, lag = list[Reach](), None
        if "worker" in roles:
            groups = (*events.CONSUMER_GROUPS, self._erasing.consumer_group)
            consumer = Consumer(self._settings.kafka, self.uow, groups)
            lag = Lag(self._settings.kafka, consumer.progress)
            components += [
                consumer,
                Relay(self._settings.db.dsn.get_secret_value(), self._settings.kafka),
                maintenance(self._engine),
                Every(_REMOVAL_SECONDS, self._remove_old_questions, "old-questions"),
                backlog_metrics(self.uow, backlogs),
                self._erasing.confirmations,
                audit_trail(self._engine, "content", SOURCE, self._settings.audit),
            ]
            servers.append(Reach("people", self._people.ready))
        return [*components, Heartbeat(self._engine, "content", roles, servers, lag)]

    def api(self) -> FastAPI:
        """The HTTP API."""
        return create_api(
            title="Content",
            description="Modules and meeting kits, units' plans, what units did, and what"
            " everybody may read.",
            routers=[
                modules.router,
                assignments.router,
                practice.router,
                corrections.router,
                articles.router,
                questions.router,
                public.router,
            ],
            engine=self._engine,
            authenticator=self._authenticator,
            app=self,
            limits=self._settings.http.limits,
            audit=self._settings.audit,
            kafka=self._settings.kafka,
            refusals=DomainError,
        )

    async def _remove_old_questions(self) -> None:
        async with self.uow() as uow:
            await question_handlers.remove_old(uow)

    async def close(self) -> None:
        if "_authenticator" in vars(self):
            await self._authenticator.close()
        await self._people.close()
        await self._tokens.close()
        await self._engine.dispose()

    @cached_property
    def _authenticator(self) -> Authenticator:
        return Authenticator(self._settings.auth)


def build(settings: Settings) -> Content:
    """The service, wired."""
    return Content(settings)
