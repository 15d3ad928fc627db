"""Builds the service from its settings; the only module that knows every class."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import TLSConfig

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
from workflow_service.adapters.others import HttpOthers
from workflow_service.adapters.outbound import SOURCE
from workflow_service.adapters.peers import HttpPeers
from workflow_service.adapters.postgres.free_texts import FREE_TEXTS
from workflow_service.adapters.postgres.unit_of_work import WorkflowUnitOfWork
from workflow_service.application.ports import Difference, Peers
from workflow_service.application.rollout.reconciling import reconcile
from workflow_service.application.rollout.repair import restart_workflows
from workflow_service.domain.errors import DomainError
from workflow_service.entrypoints.backlogs import backlogs
from workflow_service.entrypoints.events import WaveHints, consumer_groups
from workflow_service.entrypoints.http import (
    boards,
    open_problems,
    pauses,
    public,
    rollouts,
    templates,
    unit_changes,
    unit_file,
    units,
)
from workflow_service.entrypoints.jobs import apply_due_changes
from workflow_service.settings import ROLES, Settings, Temporal
from workflow_service.temporal.activities import Activities
from workflow_service.temporal.engine import TemporalEngine, connect
from workflow_service.temporal.metrics import TemporalMetrics
from workflow_service.temporal.worker import TemporalWorker

_CHANGES_SECONDS = 5
_HEALTH = timedelta(seconds=2)


class Workflow:
    """The application object. Nothing connects before a component runs or a request comes."""

    def __init__(self, settings: Settings, peers: Peers | None = None) -> None:
        self._settings = settings
        self._engine = create_engine(settings.db)
        self._authenticator = Authenticator(settings.auth)
        self._tokens = TokenSource(settings.auth, settings.client)
        assessment = ServiceClient(settings.assessment.url, self._tokens)
        content = ServiceClient(settings.content.url, self._tokens)
        self._http_peers = HttpPeers(assessment, content)
        self._people = ServiceClient(settings.people.url, self._tokens)
        url = settings.notification.url
        self._notification = ServiceClient(url, self._tokens) if url else None
        self._others = HttpOthers(assessment, content, self._people, self._notification)
        self._peer_servers = [
            Reach("assessment", assessment.ready),
            Reach("content", content.ready),
        ]
        self._peers = peers or self._http_peers
        self._erasing = Erasing("workflow", FREE_TEXTS, self._people, self.uow)
        self._connecting = asyncio.Lock()
        self._client: Client | None = None
        self.engine = TemporalEngine(
            self._lazy_client,
            settings.temporal.task_queue,
            settings.pace.sweep_seconds,
            settings.temporal.deadline_seconds,
        )
        # An action holds one connection and, in the same process, may need another.
        self.actions = asyncio.Semaphore(max(1, settings.db.pool_size // 2 - 1))

    async def _connect(self, *, lazy: bool, runtime: Runtime | None = None) -> Client:
        temporal = self._settings.temporal
        return await connect(
            temporal.address,
            temporal.namespace,
            *(key.get_secret_value() for key in temporal.payload_keys),
            lazy=lazy,
            runtime=runtime,
            tls=_tls(temporal),
            api_key=temporal.api_key.get_secret_value() if temporal.api_key else None,
        )

    async def _lazy_client(self) -> Client:
        async with self._connecting:
            if self._client is None:
                self._client = await self._connect(lazy=True)
            return self._client

    def uow(self) -> WorkflowUnitOfWork:
        return WorkflowUnitOfWork(self._engine)

    def api(self) -> FastAPI:
        """The HTTP API."""
        return create_api(
            title="Workflow",
            description="Units, rollout templates, and rollouts: pilot, evaluation, decision, wide"
            " introduction, after-care.",
            routers=[
                units.router,
                unit_changes.router,
                unit_file.router,
                templates.router,
                rollouts.router,
                boards.router,
                open_problems.router,
                pauses.router,
                public.router,
            ],
            engine=self._engine,
            authenticator=self._authenticator,
            app=self,
            limits=self._settings.http.limits,
            audit=self._settings.audit,
            kafka=self._settings.kafka,
            refusals=DomainError,
            roles=ROLES,
            backlogs=backlogs,
        )

    def components(self, roles: Sequence[str]) -> list[Component]:
        """What a process with these roles runs."""
        api = self.api() if "api" in roles else create_health_api(self._engine)
        components: list[Component] = [HttpServer(api, self._settings.http)]
        servers, lag = [Reach("temporal", self._ask_temporal)], None
        if "worker" in roles:
            consumer, others = self._worker()
            lag = Lag(self._settings.kafka, consumer.progress)
            components += [consumer, *others]
        if "temporal" in roles:
            servers += [*self._peer_servers, Reach("people", self._people.ready)]
            activities = Activities(self.uow, self._peers, self.engine)
            components += self._temporal(activities)
        return [*components, Heartbeat(self._engine, "workflow", roles, servers, lag)]

    def _temporal(self, activities: Activities) -> list[Component]:
        metrics, task_queue = TemporalMetrics(), self._settings.temporal.task_queue

        async def client() -> Client:
            return await self._connect(lazy=False, runtime=metrics.runtime)

        return [metrics, TemporalWorker(client, task_queue, activities)]

    async def _ask_temporal(self) -> None:
        client = await self._lazy_client()
        if not await client.service_client.check_health(timeout=_HEALTH):
            raise ConnectionError("not serving")

    def _worker(self) -> tuple[Consumer, list[Component]]:
        kafka, pace = self._settings.kafka, self._settings.pace
        hints = WaveHints(self.uow, self.engine, pace.hint_seconds)
        groups = [*consumer_groups(hints), self._erasing.consumer_group]
        return Consumer(kafka, self.uow, groups), [
            Relay(self._settings.db.dsn.get_secret_value(), kafka),
            maintenance(self._engine),
            audit_trail(self._engine, "workflow", SOURCE, self._settings.audit),
            hints,
            self._erasing.confirmations,
            Every(pace.repair_seconds, self.restart_workflows, "restart-workflows"),
            backlog_metrics(self.uow, backlogs),
            Every(
                _CHANGES_SECONDS,
                lambda: apply_due_changes(self.uow, self.engine),
                "apply-unit-changes",
            ),
        ]

    @property
    def copies(self) -> list[str]:
        """The services whose copies of the units `reconcile` compares."""
        return self._others.copies

    async def reconcile(self) -> list[Difference]:
        """Compare with the other services, and mend what one side knows."""
        return await reconcile(self.uow, self._others, self.engine, self._peers)

    async def restart_workflows(self) -> tuple[int, int]:
        """Start every rollout's and wave's workflow that is not there; how many there are."""
        return await restart_workflows(self.uow, self.engine)

    async def close(self) -> None:
        await self._http_peers.close()
        await self._people.close()
        if self._notification:
            await self._notification.close()
        await self._tokens.close()
        await self._authenticator.close()
        await self._engine.dispose()


def build(settings: Settings, peers: Peers | None = None) -> Workflow:
    """The service, wired. `peers` replaces the HTTP clients of the other services."""
    return Workflow(settings, peers)


def _tls(temporal: Temporal) -> TLSConfig | None:
    def content(file: Path | None) -> bytes | None:
        return file.read_bytes() if file else None

    if not temporal.tls:
        return None
    return TLSConfig(
        server_root_ca_cert=content(temporal.tls_ca_file),
        client_cert=content(temporal.tls_cert_file),
        client_private_key=content(temporal.tls_key_file),
    )
