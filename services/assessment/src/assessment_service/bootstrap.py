"""Builds the service from its settings; the only module that knows every class."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text

from assessment_service.adapters import receive_buffer
from assessment_service.adapters.auditing import ProcessAuditor
from assessment_service.adapters.backlogs import backlogs
from assessment_service.adapters.direct_pool import DirectPool
from assessment_service.adapters.free_texts import FREE_TEXTS
from assessment_service.adapters.published import everything
from assessment_service.adapters.release_keys import FolderReleaseKeys
from assessment_service.adapters.round_facts import PostgresRoundFacts
from assessment_service.adapters.sheet_cipher import HpkeSealer
from assessment_service.adapters.sheet_store import PostgresSheetStore
from assessment_service.adapters.unit_of_work import SOURCE, AssessmentUnitOfWork
from assessment_service.adapters.vault import ProcessVault
from assessment_service.adapters.workflow import HttpWorkflow
from assessment_service.application.answering import Answering
from assessment_service.application.ports import Workflow
from assessment_service.application.reading import Reading
from assessment_service.application.sealing_ports import KeysUnavailableError
from assessment_service.domain.errors import DomainError
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.entrypoints import events, jobs, self_test_job
from assessment_service.entrypoints.http import (
    answers,
    custody,
    instruments,
    problems,
    reminding,
    report_groups,
    results,
    rounds,
    self_test,
)
from assessment_service.entrypoints.http.answer_schemas import ProfileDocuments
from assessment_service.entrypoints.http.instrument_schemas import InstrumentDocuments
from assessment_service.entrypoints.http.quick_answers import QuickAnswers
from assessment_service.entrypoints.http.quick_rounds import QuickRounds
from assessment_service.settings import Settings
from servicekit.auth import Authenticator
from servicekit.backlog_metrics import backlog_metrics
from servicekit.consumer import Consumer
from servicekit.db import create_engine
from servicekit.erasing import Erasing
from servicekit.heartbeat import Heartbeat
from servicekit.http import HttpServer, create_api, create_health_api
from servicekit.lag import Lag
from servicekit.maintenance import audit_trail, maintenance
from servicekit.rate import Rate
from servicekit.reach import Reach
from servicekit.relay import Relay
from servicekit.runtime import Component, Every
from servicekit.service_client import ServiceClient, TokenSource

_WITH_KEYS = text("select distinct release_id from rounds where status in ('open', 'closed')")


class Assessment:
    """The application object. Nothing connects before a component runs or a request arrives."""

    def __init__(self, settings: Settings, workflow: Workflow | None = None) -> None:
        self._settings = settings
        self.rule = PrivacyRule(settings.privacy.minimum_group_size)
        self.keys = FolderReleaseKeys(settings.round_keys.directory)
        self.vault = ProcessVault(settings)
        self.auditor = ProcessAuditor(settings)
        # A release follows the closing of its rounds, so no process reads one as open after it.
        # Twice, for a process that read one just before and takes a while to remember it.
        self.keys_forgotten_after = timedelta(seconds=2 * settings.round_keys.cache_seconds)
        self._engine = create_engine(settings.db)
        self._tokens = TokenSource(settings.auth, settings.client)
        client = ServiceClient(settings.workflow.url, self._tokens)
        self._http_workflow = HttpWorkflow(client)
        self._workflow_server = Reach("workflow", client.ready)
        self.workflow = workflow or self._http_workflow
        self._people = ServiceClient(settings.people.url, self._tokens)
        self._erasing = Erasing("assessment", FREE_TEXTS, self._people, self.uow)
        self._direct = DirectPool(settings.db.dsn.get_secret_value(), settings.answers.pool_size)
        read_round = PostgresRoundFacts(self._direct)
        self.reading = Reading(self.uow, read_round)
        self.answering = Answering(
            read_round,
            self.reading.instrument,
            self.keys,
            HpkeSealer(),
            PostgresSheetStore(self._direct),
            settings.round_keys.cache_seconds,
        )
        self.reminder_rate = Rate(reminding.ASKED_PER_MINUTE)
        self.instrument_json = InstrumentDocuments().of
        self.profile_json = ProfileDocuments().of

    def uow(self) -> AssessmentUnitOfWork:
        return AssessmentUnitOfWork(self._engine)

    async def published(self) -> Mapping[str, Any]:
        """Everything that was published, as the auditor reads it."""
        privacy = self._settings.privacy
        async with self.uow().at_one_moment() as uow:
            return await everything(
                uow.connection, privacy.minimum_group_size, privacy.same_time_days
            )

    async def missing_keys(self) -> list[str]:
        """Files that rounds need which are not out yet. Raises KeysUnavailableError."""
        async with self.uow() as uow:
            needed = await uow.connection.execute(_WITH_KEYS)
        return self.keys.missing(needed.scalars())

    def components(self, roles: Sequence[str]) -> list[Component]:
        """What a process with these roles runs."""
        api = self.api() if "api" in roles else create_health_api(self._engine)
        components: list[Component] = [HttpServer(api, self._settings.http)]
        servers, lag = list[Reach](), None
        if "api" in roles:
            often = receive_buffer.INTERVAL_SECONDS
            components.append(Every(often, receive_buffer.overwrite, receive_buffer.NAME))
        if "worker" in roles:
            job, interval = jobs.ReleaseJob(self), self._settings.release.interval_seconds
            groups = (*events.CONSUMER_GROUPS, self._erasing.consumer_group)
            consumer = Consumer(self._settings.kafka, self.uow, groups)
            lag = Lag(self._settings.kafka, consumer.progress)
            components += [
                consumer,
                Relay(self._settings.db.dsn.get_secret_value(), self._settings.kafka),
                maintenance(self._engine),
                audit_trail(self._engine, "assessment", SOURCE, self._settings.audit),
                backlog_metrics(self.uow, backlogs),
                Every(interval, job.run, jobs.NAME),
                Every(
                    self._settings.self_test.interval_seconds,
                    self_test_job.SelfTestJob(self).run,
                    self_test_job.NAME,
                ),
                self._erasing.confirmations,
            ]
            servers += [self._workflow_server, Reach("people", self._people.ready)]
        return [*components, Heartbeat(self._engine, "assessment", roles, servers, lag)]

    def api(self) -> FastAPI:
        """The HTTP API."""
        api = create_api(
            title="Assessment",
            description="Instruments, rounds, answers, and results released by the privacy rule.",
            routers=[
                instruments.router,
                rounds.router,
                answers.router,
                reminding.router,
                results.router,
                custody.router,
                report_groups.router,
                self_test.router,
            ],
            engine=self._engine,
            authenticator=self._authenticator,
            app=self,
            limits=self._settings.http.limits,
            audit=self._settings.audit,
            kafka=self._settings.kafka,
            refusals=DomainError,
            untraced=answers.is_about_answers,
            of_one_length=answers.is_about_answers,
            quick=lambda api: QuickAnswers(QuickRounds(api)),
            backlogs=backlogs,
        )
        api.add_exception_handler(KeysUnavailableError, problems.on_keys_unavailable)
        return api

    async def close(self) -> None:
        if "_authenticator" in vars(self):
            await self._authenticator.close()
        await self._http_workflow.close()
        await self._people.close()
        await self._tokens.close()
        await self._direct.close()
        await self._engine.dispose()

    @cached_property
    def _authenticator(self) -> Authenticator:
        return Authenticator(self._settings.auth)


def build(settings: Settings, workflow: Workflow | None = None) -> Assessment:
    """The service, wired. `workflow` replaces the HTTP client of the workflow service."""
    return Assessment(settings, workflow)
