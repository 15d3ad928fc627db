"""Builds the service from its settings; the only module that knows every class."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from contracts import Event
from notification_service.adapters import event_schemas, samples
from notification_service.adapters.assessment import AssessmentClient
from notification_service.adapters.backlogs import backlogs
from notification_service.adapters.email import EmailChannel, Sender, SmtpServer
from notification_service.adapters.hosts import Hosts
from notification_service.adapters.null import NullChannel
from notification_service.adapters.people import PeopleClient
from notification_service.adapters.telemetry import SendingTelemetry
from notification_service.adapters.templates import FileTemplates
from notification_service.adapters.unit_of_work import SOURCE, NotificationUnitOfWork
from notification_service.adapters.watched import WatchedChannel
from notification_service.adapters.webhook import Limits, WebhookChannel
from notification_service.application.dispatch import Dispatcher
from notification_service.application.erasing import confirm_erasures
from notification_service.application.mail_lane import MailLane, MailRules
from notification_service.application.reminding import Reminding, RemindingRules
from notification_service.application.retention import forget_invitations, remove_old
from notification_service.application.rounds import RoundRules
from notification_service.application.sending_ports import Channel, Mail
from notification_service.application.subscription_handlers import WebhookRules
from notification_service.application.webhook_lane import PostRules, WebhookLane
from notification_service.domain.egress import EgressPolicy
from notification_service.domain.errors import DomainError
from notification_service.domain.load_cap import LoadCap
from notification_service.domain.reminder import ReminderTimes
from notification_service.domain.secret import Keyring
from notification_service.entrypoints import events, round_events
from notification_service.entrypoints.http import (
    deliveries,
    load_cap,
    messages,
    quarantine,
    webhooks,
)
from notification_service.entrypoints.http.event_schemas import router as event_schemas_router
from notification_service.entrypoints.http.webhook_payloads import describe_webhooks
from notification_service.settings import Settings
from servicekit.auth import Authenticator
from servicekit.backlog_metrics import backlog_metrics
from servicekit.consumer import Consumer
from servicekit.db import create_engine
from servicekit.heartbeat import Heartbeat
from servicekit.http import HttpServer, create_api, create_health_api
from servicekit.lag import Lag
from servicekit.maintenance import audit_trail, maintenance
from servicekit.reach import Reach
from servicekit.relay import Relay
from servicekit.runtime import Component, Every
from servicekit.service_client import ServiceClient, TokenSource

_MAILS_AT_ONCE = 40
_POLL_SECONDS = 0.5
_RETENTION_SECONDS = 3600
_CONFIRMATION_SECONDS = 5
_REMINDER_SECONDS = 5


class Notification:
    """The application object. Nothing connects before a component runs or a request arrives."""

    def __init__(self, settings: Settings) -> None:
        """Raises TemplateInvalid, so that no process starts with a faulty template."""
        self._settings = settings
        self._engine = create_engine(settings.db)
        self._templates = FileTemplates()
        self._telemetry = SendingTelemetry(settings.smtp.host, settings.smtp.port)
        self.event_schemas = event_schemas.read()
        webhook = settings.webhook
        self.webhooks = WebhookRules(
            samples=samples.of(events.PUBLISHED),
            retired=events.RETIRED,
            egress=EgressPolicy.of(webhook.allowed_hosts),
            keyring=Keyring([key.get_secret_value().encode() for key in webhook.signing_keys]),
            rotation_overlap=timedelta(hours=webhook.rotation_overlap_hours),
        )
        # One lookup for each delivery under way, because a lookup may hang.
        self._hosts = Hosts(self.webhooks.egress, webhook.concurrency)
        limits = Limits(webhook.connect_seconds, webhook.timeout_seconds)
        self._webhook_channel = WebhookChannel(
            self.webhooks.egress, self._hosts, webhook.concurrency, limits
        )
        self._authenticator = Authenticator(settings.auth)
        self._tokens = TokenSource(settings.auth, settings.client)
        client = ServiceClient(settings.people.url, self._tokens)
        self._people = PeopleClient(client)
        self._people_server, self._mail_server = Reach("people", client.ready), Reach("smtp")
        client = ServiceClient(settings.assessment.url, self._tokens)
        self._assessment = AssessmentClient(client)
        self._assessment_server = Reach("assessment", client.ready)
        reminders, cap = settings.reminders, settings.load_cap
        self._rounds = RoundRules(
            LoadCap(cap.invitations, timedelta(days=cap.days)),
            ReminderTimes(
                reminders.after_share,
                timedelta(hours=reminders.before_close_hours),
                reminders.at_most,
            ),
        )

    def api(self) -> FastAPI:
        """The HTTP API."""
        api = create_api(
            title="Notification",
            description="What was sent to people, and signed webhooks to other systems.",
            routers=[
                messages.router,
                quarantine.router,
                load_cap.router,
                webhooks.router,
                deliveries.router,
            ],
            unversioned=[event_schemas_router],
            engine=self._engine,
            authenticator=self._authenticator,
            app=self,
            limits=self._settings.http.limits,
            audit=self._settings.audit,
            kafka=self._settings.kafka,
            refusals=DomainError,
            backlogs=backlogs,
        )
        describe_webhooks(api, events.PUBLISHED, self.webhooks.samples)
        return api

    @property
    def reminder_times(self) -> ReminderTimes:
        return self._rounds.times

    async def address_warnings(self, url: str) -> list[str]:
        return await self._hosts.warnings(url)

    def uow(self) -> NotificationUnitOfWork:
        return NotificationUnitOfWork(self._engine, self._people)

    def components(self, roles: Sequence[str]) -> list[Component]:
        """What a process with these roles runs."""
        api = self.api() if "api" in roles else create_health_api(self._engine)
        components: list[Component] = [HttpServer(api, self._settings.http)]
        servers, lag = list[Reach](), None
        if "worker" in roles:
            consumer, others = self._worker()
            lag = Lag(self._settings.kafka, consumer.progress)
            servers += [self._people_server, self._assessment_server, self._mail_server]
            components += [consumer, *others]
        return [*components, Heartbeat(self._engine, "notification", roles, servers, lag)]

    async def close(self) -> None:
        await self._authenticator.close()
        await self._people.close()
        await self._assessment.close()
        await self._tokens.close()
        await self._webhook_channel.close()
        self._hosts.close()
        await self._engine.dispose()

    def _worker(self) -> tuple[Consumer, list[Component]]:
        mails = Dispatcher(self._mail_lane(), _MAILS_AT_ONCE, _POLL_SECONDS)
        posts = Dispatcher(self._webhook_lane(), self._settings.webhook.concurrency, _POLL_SECONDS)

        async def mail_due(_: Sequence[Event]) -> None:
            mails.wake()

        async def webhook_due(_: Sequence[Event]) -> None:
            posts.wake()

        groups = [
            *events.consumer_groups(mail_due, webhook_due),
            *round_events.consumer_groups(mail_due, self._rounds),
        ]
        return Consumer(self._settings.kafka, self.uow, groups), [
            Relay(self._settings.db.dsn.get_secret_value(), self._settings.kafka),
            maintenance(self._engine),
            audit_trail(self._engine, "notification", SOURCE, self._settings.audit),
            backlog_metrics(self.uow, backlogs),
            mails,
            posts,
            Every(_CONFIRMATION_SECONDS, self._confirm_erasures, "erasures"),
            Every(_REMINDER_SECONDS, self._reminding().run, "reminders"),
            Every(_RETENTION_SECONDS, self._remove_old, "retention"),
        ]

    async def _confirm_erasures(self) -> None:
        await confirm_erasures(self.uow, self._people)

    async def _remove_old(self) -> None:
        await remove_old(self.uow, timedelta(days=self._settings.retention.days))
        await forget_invitations(self.uow, self._rounds.cap)

    def _mail_lane(self) -> MailLane:
        channel, rules = self._mail_channel(), self._mail_rules()
        return MailLane(self.uow, self._people, channel, self._templates, self._telemetry, rules)

    def _reminding(self) -> Reminding:
        rules = RemindingRules(self._rounds.times, self._mail_rules())
        people, assessment, channel = self._people, self._assessment, self._mail_channel()
        return Reminding(self.uow, people, assessment, channel, self._templates, rules)

    def _mail_rules(self) -> MailRules:
        settings = self._settings
        return MailRules(
            portal_url=settings.links.portal_url,
            contact=settings.smtp.contact or settings.smtp.sender,
            time_zone=ZoneInfo(settings.links.time_zone),
            retry_seconds=settings.smtp.retry_seconds,
            deadline=timedelta(seconds=settings.smtp.deadline_seconds),
            lease=timedelta(seconds=settings.smtp.lease_seconds),
            parallel=settings.smtp.connections,
        )

    def _mail_channel(self) -> Channel[Mail]:
        smtp = self._settings.smtp
        if smtp.channel == "null":
            return NullChannel()
        server = SmtpServer(
            host=smtp.host,
            port=smtp.port,
            sender=Sender(smtp.sender, smtp.sender_name, smtp.reply_to),
            security=smtp.security,
            username=smtp.username,
            password=smtp.password.get_secret_value() if smtp.password else None,
            timeout_seconds=smtp.timeout_seconds,
        )
        return WatchedChannel(EmailChannel(server), self._mail_server)

    def _webhook_lane(self) -> WebhookLane:
        webhook = self._settings.webhook
        rules = PostRules(
            keyring=self.webhooks.keyring,
            retry_seconds=webhook.retry_seconds,
            deadline=timedelta(seconds=webhook.deadline_seconds),
            lease=timedelta(seconds=webhook.lease_seconds),
            per_subscription=webhook.per_subscription,
        )
        return WebhookLane(self.uow, self._webhook_channel, self._telemetry, rules)


def build(settings: Settings) -> Notification:
    """The service, ready to run."""
    return Notification(settings)
