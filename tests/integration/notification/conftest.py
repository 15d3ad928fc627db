"""A migrated database per test, the service built on it, a mail catcher and a webhook receiver."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from sqlalchemy.ext.asyncio import AsyncEngine

from devstack import Stack
from integration.notification.mail_catcher import MailCatcher
from integration.notification.service import Service
from notification_service.adapters.unit_of_work import NotificationUnitOfWork
from notification_service.bootstrap import build
from notification_service.settings import Settings
from servicekit import telemetry
from servicekit.settings import Auth, Database, Http, Kafka, Telemetry
from support.databases import SERVICES
from support.otlp import OtlpSink

Start = Callable[..., Service]


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the notification service."""
    return SERVICES / "notification" / "migrations"


@pytest.fixture
def uow(engine: AsyncEngine) -> Callable[[], NotificationUnitOfWork]:
    """Units of work on the test's own database."""
    return lambda: NotificationUnitOfWork(engine)


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    """A real SMTP server that keeps the mails it gets."""
    catcher = MailCatcher()
    await catcher.start()
    yield catcher
    await catcher.stop()


@pytest.fixture
async def start(servers: Stack, database: Database, catcher: MailCatcher) -> AsyncIterator[Start]:
    """Builds the service on the test's database; several behave like several processes."""
    async with AsyncExitStack() as stack:

        def start_one(**changes: dict[str, object]) -> Service:
            blocks: dict[str, dict[str, object]] = {
                "smtp": {"host": "127.0.0.1", "port": catcher.port, "sender": "um@example.se"},
                "links": {"portal_url": "https://um.example.se"},
                "webhook": {"signing_keys": ["k" * 32], "allowed_hosts": ["127.0.0.1:*"]},
            }
            for name, block in changes.items():
                blocks[name] = blocks.get(name, {}) | block
            settings = Settings(
                environment="test",
                db=database,
                kafka=Kafka(bootstrap_servers=servers.env["KAFKA_BOOTSTRAP_SERVERS"]),
                http=Http(port=1),
                auth=Auth(issuer=servers.env["ISSUER_URL"]),
                **blocks,  # type: ignore[arg-type]
            )
            service = Service(build(settings), settings)
            stack.push_async_callback(service.close)
            return service

        yield start_one


@pytest.fixture
def service(start: Start) -> Service:
    """The service with plain settings."""
    return start()


@pytest.fixture
def traced() -> Iterator[OtlpSink]:
    """A receiver of this process's spans. The process has one provider, which any test may set."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(telemetry.create_provider("tests", Telemetry()))
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    with OtlpSink().serving() as sink:
        exporter = OTLPSpanExporter(endpoint=f"{sink.endpoint}/v1/traces")
        processor = BatchSpanProcessor(exporter, schedule_delay_millis=100)
        provider.add_span_processor(processor)
        yield sink
        processor.shutdown()
