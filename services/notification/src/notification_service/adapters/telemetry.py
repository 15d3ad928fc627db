"""Traces and counters of sending. Only ids: never a name, an address or a URL."""

from contextlib import AbstractContextManager

from opentelemetry.trace import SpanKind
from prometheus_client import Counter

from servicekit import telemetry

ATTEMPTS = Counter("notification_attempts", "Attempts to send, by result", ["channel", "result"])


class SendingTelemetry:
    """The port `Telemetry`, on OpenTelemetry and Prometheus."""

    def sending(
        self, what: str, traceparent: str | None, **attributes: str
    ) -> AbstractContextManager[object]:
        return telemetry.span(
            what,
            kind=SpanKind.CLIENT,
            traceparent=traceparent,
            attributes={f"notification.{name}": value for name, value in attributes.items()},
        )

    def attempted(self, channel: str, result: str) -> None:
        ATTEMPTS.labels(channel, result).inc()
