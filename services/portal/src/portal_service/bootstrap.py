"""Builds the portal from its settings; the only module that knows every class."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from portal_service.adapters.event_stream import EventStream
from portal_service.adapters.full_text import SqlFullText
from portal_service.adapters.own_processes import SqlOwnProcesses
from portal_service.adapters.platform import Platform
from portal_service.adapters.prometheus import Prometheus
from portal_service.adapters.provider import OpenIdProvider
from portal_service.adapters.sessions import SqlSessions
from portal_service.application.changes import Changes
from portal_service.application.signing_in import SigningIn
from portal_service.application.unfinished import Unfinished
from portal_service.application.unit_names import UnitNames
from portal_service.domain.drafts import Drafts
from portal_service.domain.session import Limits
from portal_service.domain.upload import LARGEST_FORM
from portal_service.entrypoints.compression import Compression
from portal_service.entrypoints.http import (
    accessibility,
    articles,
    assigning,
    assignments,
    audit,
    boards,
    codes,
    corrections,
    custody,
    dead_letters,
    deputies,
    erasures,
    errors,
    imports,
    inbox,
    instruments,
    library,
    live,
    mappings,
    modules,
    new_rollout,
    one_time_codes,
    open_problems,
    operation,
    persons,
    public,
    report_groups,
    roles,
    rollouts,
    round_changes,
    rounds,
    self_test,
    sign_in,
    start,
    templates,
    unit_changes,
    unit_modules,
    units,
    webhooks,
)
from portal_service.entrypoints.pages import STATIC, Pages
from portal_service.entrypoints.protection import Protection
from portal_service.settings import Settings
from servicekit.auth import Authenticator
from servicekit.db import create_engine
from servicekit.even_length import EvenLength
from servicekit.health import health_router
from servicekit.heartbeat import Heartbeat
from servicekit.http import BodyLimit, HttpServer
from servicekit.http_metrics import HttpMetrics
from servicekit.reach import Reach
from servicekit.request_limit import RequestLimit
from servicekit.runtime import Component, Every

_REMOVAL_SECONDS = 600
_PAGES = (
    *(public, sign_in, assignments, codes, one_time_codes, start, units),
    *(unit_modules, rounds, self_test),
    *(new_rollout, rollouts),
    *(live, boards, corrections, deputies, imports),
    *(articles, inbox, accessibility, operation),
    *(library, modules, instruments, templates, mappings),
    *(assigning, report_groups, round_changes, custody, persons, roles, erasures, unit_changes),
    *(dead_letters, webhooks, audit, open_problems),
)


class Portal:
    """The application object. Nothing connects before a component runs or a request arrives."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = create_engine(settings.db)
        rules = settings.sessions
        limits = Limits(timedelta(minutes=rules.idle_minutes), timedelta(hours=rules.longest_hours))
        self._sessions = SqlSessions(self._engine, rules.keys, limits)
        self.drafts = Drafts(rules.keys[0].get_secret_value().encode())
        self.changes = Changes()
        self.accessibility_contact = settings.accessibility_contact
        self.unfinished = Unfinished()

    def components(self, roles: Sequence[str]) -> list[Component]:
        """What a process with these roles runs."""
        kafka = Reach("kafka")
        return [
            HttpServer(self.api(), self._settings.http),
            EventStream(self._settings.kafka, self.changes, kafka),
            Heartbeat(self._engine, "portal", roles, [kafka]),
            Every(_REMOVAL_SECONDS, self._sessions.remove_ended, "ended-sessions"),
        ]

    def api(self) -> FastAPI:
        """The pages."""
        # Without redirects to other spellings of a path: they would lead where `Host` says.
        api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        api.state.app = self
        provider = urlsplit(self._settings.sign_in.issuer)
        api.add_middleware(BodyLimit, upload_bytes=LARGEST_FORM)
        api.add_middleware(errors.Unexpected)
        api.add_middleware(
            RequestLimit,
            limits=self._settings.http.limits,
            authenticator=self.authenticator,
            is_unmeasured=_leads_to_answers,
            refusal=errors.too_many,
        )
        api.add_middleware(Compression, public_url=self._settings.public_url)
        api.add_middleware(
            Protection,
            refusal=errors.from_elsewhere,
            public_url=self._settings.public_url,
            form_targets=[f"{provider.scheme}://{provider.netloc}"],
        )
        api.add_middleware(EvenLength, is_even=rounds.shows_answers, length=rounds.PAGE_BYTES)
        api.add_middleware(HttpMetrics, is_unmeasured=_leads_to_answers)
        errors.install(api)
        api.include_router(health_router(self._engine))
        for each in _PAGES:
            api.include_router(each.router)
        api.mount("/static", StaticFiles(directory=STATIC), name="static")
        return api

    async def close(self) -> None:
        for each in ("services", "_provider", "authenticator"):
            if each in vars(self):
                await getattr(self, each).close()
        await self._engine.dispose()

    @cached_property
    def signing_in(self) -> SigningIn:
        return SigningIn(self._provider, self.services, self._sessions)

    @cached_property
    def services(self) -> Platform:
        settings = self._settings
        return Platform(
            {
                "assessment": settings.assessment.url,
                "content": settings.content.url,
                "notification": settings.notification.url,
                "people": settings.people.url,
                "workflow": settings.workflow.url,
            }
        )

    @cached_property
    def unit_names(self) -> UnitNames:
        return UnitNames(self.services)

    @cached_property
    def full_text(self) -> SqlFullText:
        return SqlFullText(self._engine)

    @cached_property
    def own_processes(self) -> SqlOwnProcesses:
        return SqlOwnProcesses(self._engine)

    @cached_property
    def monitoring(self) -> Prometheus:
        return Prometheus(self._settings.prometheus_url)

    @property
    def operators_links(self) -> Mapping[str, str | None]:
        chosen = self._settings
        return {
            "temporal": chosen.temporal_ui_url,
            "traces": chosen.traces_url,
            "runbooks": chosen.runbooks_url,
        }

    @cached_property
    def pages(self) -> Pages:
        return Pages()

    @cached_property
    def authenticator(self) -> Authenticator:
        return Authenticator(self._settings.auth)

    @cached_property
    def _provider(self) -> OpenIdProvider:
        chosen = self._settings.sign_in
        return OpenIdProvider(
            chosen.issuer,
            chosen.client_id,
            chosen.client_secret,
            chosen.scope,
            self._settings.public_url,
        )


def _leads_to_answers(scope: Scope) -> bool:
    """Nothing is counted or timed of who opens a sheet or answers."""
    path: str = scope["path"]
    return path.startswith(("/rounds/", codes.PATH))


def build(settings: Settings) -> Portal:
    """The portal, wired."""
    return Portal(settings)
