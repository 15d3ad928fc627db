"""Traces and counters of sending: ids, and where it was sent; never a person, a query or a body.

Attributes are those of OpenTelemetry's semantic conventions for HTTP clients; for SMTP, which has
none of its own, the general ones.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.util.types import AttributeValue
from prometheus_client import Counter

from notification_service.domain.delivery import Outcome
from notification_service.domain.endpoint import host_and_port, without_query
from servicekit import telemetry

ATTEMPTS = Counter("notification_attempts", "Attempts to send, by result", ["channel", "result"])


class SendingTelemetry:
    """The port `Telemetry`, on OpenTelemetry and Prometheus."""

    def __init__(self, mail_host: str, mail_port: int) -> None:
        self._mail_server: dict[str, AttributeValue] = {
            "server.address": mail_host,
            "server.port": mail_port,
            "network.protocol.name": "smtp",
        }

    @contextmanager
    def sending(
        self, what: str, traceparent: str | None, url: str | None = None, **ids: str
    ) -> Iterator[Callable[[Outcome], None]]:
        target = self._mail_server if url is None else _request(url)
        named = {f"notification.{name}": value for name, value in ids.items()}
        with telemetry.span(
            what, kind=SpanKind.CLIENT, traceparent=traceparent, attributes={**named, **target}
        ) as span:
            yield partial(_ended, span, by_http=url is not None)

    def attempted(self, channel: str, result: str) -> None:
        ATTEMPTS.labels(channel, result).inc()


def _request(url: str) -> dict[str, AttributeValue]:
    host, port = host_and_port(url)
    return {
        "http.request.method": "POST",
        "url.full": without_query(url),
        "server.address": host,
        "server.port": port,
    }


def _ended(span: Span, outcome: Outcome, by_http: bool) -> None:
    """`error.type` is the status of a response that is an error, else this service's reason."""
    status = outcome.status_code if by_http else None
    if status is not None:
        span.set_attribute("http.response.status_code", status)
    if outcome.result != "accepted":
        span.set_attribute(
            "error.type", str(status) if status and status >= 400 else outcome.reason
        )
        span.set_status(Status(StatusCode.ERROR))
