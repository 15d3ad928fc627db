"""Traces by OpenTelemetry, carried across Kafka and tables by the W3C `traceparent`."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from threading import Thread

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind
from opentelemetry.util.types import AttributeValue

from servicekit.settings import Telemetry

log = logging.getLogger(__name__)

DEPLOYMENT_ENVIRONMENT_NAME = "deployment.environment.name"
_SEND_SECONDS = 2
_tracer = trace.get_tracer("servicekit")


def create_provider(
    service: str, settings: Telemetry, environment: str = "", version: str | None = None
) -> TracerProvider:
    """A provider that samples by `sample_ratio` and exports where an endpoint is set.

    The version is by default that of the installed package with the service's name.
    """
    described = {
        SERVICE_NAME: service,
        SERVICE_VERSION: version_of(service) if version is None else version,
        DEPLOYMENT_ENVIRONMENT_NAME: environment,
    }
    provider = TracerProvider(
        resource=Resource.create({name: text for name, text in described.items() if text}),
        sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)),
    )
    if settings.otlp_endpoint:
        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    return provider


def configure(service: str, settings: Telemetry, environment: str = "") -> None:
    """Make this process trace, once, if there is an endpoint for the spans."""
    if settings.otlp_endpoint:
        trace.set_tracer_provider(create_provider(service, settings, environment))


def version_of(distribution: str) -> str:
    """The version of an installed package; empty if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def shutdown() -> None:
    """Send what is still buffered, but wait for a collector no longer than 2 s."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        sending = Thread(target=provider.shutdown, daemon=True)
        sending.start()
        sending.join(_SEND_SECONDS)
        if sending.is_alive():
            log.warning("the trace collector does not answer in time; spans are lost")


def current_traceparent() -> str | None:
    """The W3C trace context of the span under way, if any."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    traceparent: str | None = None,
    attributes: dict[str, AttributeValue] | None = None,
) -> Iterator[Span]:
    """A span that continues `traceparent` where given, else the span under way.

    Exceptions are recorded by type only: their text may hold personal data.
    """
    parent = propagate.extract({"traceparent": traceparent}) if traceparent else None
    with _tracer.start_as_current_span(
        name, context=parent, kind=kind, attributes=attributes, record_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            raise
