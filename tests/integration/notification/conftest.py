"""A migrated database per test, the service built on it, and what it speaks to."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

import pytest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from sqlalchemy.ext.asyncio import AsyncEngine

from devstack import Stack
from devstack.credentials import load_secrets
from devstack.options import Layout
from integration.notification.assessment import AssessmentServer
from integration.notification.mail_catcher import MailCatcher
from integration.notification.people import PeopleProcess, running
from integration.notification.service import Service
from notification_service.adapters.unit_of_work import NotificationUnitOfWork
from notification_service.bootstrap import build
from notification_service.settings import Settings
from servicekit import telemetry
from servicekit.settings import Auth, Database, Http, Kafka, Telemetry
from support.apps import unique
from support.databases import SERVICES, Templates, create_database, drop_database
from support.otlp import OtlpSink

Start = Callable[..., Service]


@pytest.fixture
def migrations_folder() -> Path:
    """Each test gets a database of the notification service."""
    return SERVICES / "notification" / "migrations"


class Nobody:
    """The port `People` for tests that address nobody."""

    async def of_unit(self, unit_id: str) -> list[str]:
        return []

    managers_of = of_unit
    new_managers_of = of_unit

    async def of_delegation(self, delegation_id: UUID) -> list[str]:
        return []

    async def managers(self) -> list[str]:
        return []

    administrators = managers

    async def erased(self, erasure_id: UUID) -> None:
        return None

    async def confirm(self, erasure_id: UUID, rows: Mapping[str, int]) -> None:
        return


@pytest.fixture
def uow(engine: AsyncEngine) -> Callable[[], NotificationUnitOfWork]:
    """Units of work on the test's own database."""
    return lambda: NotificationUnitOfWork(engine, Nobody())


@pytest.fixture(scope="session")
async def people_process(
    servers: Stack,
    postgres: str,
    templates: Templates,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[PeopleProcess]:
    """A real people service, for all tests of the session."""
    name = unique("people_")
    template = await templates.name(SERVICES / "people" / "migrations")
    database = await create_database(postgres, name, template=template)
    async with running(servers, database, tmp_path_factory.mktemp("people")) as process:
        yield process
    await drop_database(postgres, name)


@pytest.fixture
async def people(people_process: PeopleProcess) -> PeopleProcess:
    """A people service that knows nobody."""
    await people_process.forget_all()
    return people_process


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    """A real SMTP server that keeps the mails it gets."""
    catcher = MailCatcher()
    await catcher.start()
    yield catcher
    await catcher.stop()


@pytest.fixture
async def assessment() -> AsyncIterator[AssessmentServer]:
    """What answers in the assessment service's place."""
    async with AssessmentServer().serving() as server:
        yield server


@pytest.fixture
async def start(
    servers: Stack, database: Database, catcher: MailCatcher, people: PeopleProcess
) -> AsyncIterator[Start]:
    """Builds the service on the test's database; several behave like several processes."""
    secret = load_secrets(Layout(servers.directory))["client:notification-service"]
    async with AsyncExitStack() as stack:

        def start_one(**changes: dict[str, object]) -> Service:
            blocks: dict[str, dict[str, object]] = {
                "client": {"client_id": "notification-service", "client_secret": secret},
                "people": {"url": people.url},
                "assessment": {"url": "http://127.0.0.1:9"},
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
            service = Service(build(settings), settings, people)
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
