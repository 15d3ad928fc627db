"""Spans of webhooks and mails, by OpenTelemetry's semantic conventions."""

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from notification_service.adapters.telemetry import SendingTelemetry
from notification_service.domain.delivery import Outcome
from servicekit import telemetry
from servicekit.settings import Telemetry
from unit.notification.builders import TRACE_ID, TRACEPARENT

URL = "https://HR.example.se/um-events?token=secret"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    kept = InMemorySpanExporter()
    provider = telemetry.create_provider("tests", Telemetry())
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("servicekit"))
    return kept


def sent(spans: InMemorySpanExporter, outcome: Outcome, url: str | None) -> ReadableSpan:
    sending = SendingTelemetry("mail.example.se", 587)
    with sending.sending("post it", TRACEPARENT, url=url, delivery_id="d-1") as ended:
        ended(outcome)
    (span,) = spans.get_finished_spans()
    assert span.kind is SpanKind.CLIENT
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == TRACE_ID
    return span


@pytest.mark.parametrize(
    ("outcome", "more"),
    [
        (Outcome("accepted", status_code=204), {"http.response.status_code": 204}),
        (
            Outcome("retry", "http-error", 503),
            {"http.response.status_code": 503, "error.type": "503"},
        ),
        (
            Outcome("retry", "redirect-not-followed", 302),
            {"http.response.status_code": 302, "error.type": "redirect-not-followed"},
        ),
        (Outcome("retry", "timeout"), {"error.type": "timeout"}),
    ],
)
def test_a_webhooks_span(
    spans: InMemorySpanExporter, outcome: Outcome, more: dict[str, object]
) -> None:
    span = sent(spans, outcome, URL)
    assert dict(span.attributes or {}) == {
        "notification.delivery_id": "d-1",
        "http.request.method": "POST",
        "url.full": "https://HR.example.se/um-events",
        "server.address": "hr.example.se",
        "server.port": 443,
        **more,
    }
    expected = StatusCode.UNSET if outcome.result == "accepted" else StatusCode.ERROR
    assert span.status.status_code is expected


def test_a_mails_span(spans: InMemorySpanExporter) -> None:
    span = sent(spans, Outcome("refused", "recipient-refused", 550), None)
    assert dict(span.attributes or {}) == {
        "notification.delivery_id": "d-1",
        "server.address": "mail.example.se",
        "server.port": 587,
        "network.protocol.name": "smtp",
        "error.type": "recipient-refused",
    }
    assert span.status.status_code is StatusCode.ERROR
