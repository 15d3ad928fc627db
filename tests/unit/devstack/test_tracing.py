"""OTLP spans become the Zipkin spans that show the same: identity, times, service, errors."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from devstack.tracing import spans


def attribute(key: str, **value: object) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(**value))  # type: ignore[arg-type]


def test_a_span_keeps_what_it_says() -> None:
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.append(attribute("service.name", string_value="content"))
    span = resource.scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.parent_span_id = b"\x01" * 16, b"\x02" * 8, b"\x03" * 8
    span.name, span.kind = "consume", Span.SPAN_KIND_CONSUMER
    span.start_time_unix_nano, span.end_time_unix_nano = 5_000_000, 8_000_000
    span.attributes.append(attribute("batch", int_value=3))
    span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message="refused"))
    span.events.add(time_unix_nano=6_000_000, name="retry")

    assert list(spans(request)) == [
        {
            "traceId": "01" * 16,
            "id": "02" * 8,
            "parentId": "03" * 8,
            "name": "consume",
            "kind": "CONSUMER",
            "timestamp": 5_000,
            "duration": 3_000,
            "localEndpoint": {"serviceName": "content"},
            "tags": {"batch": "3", "error": "refused"},
            "annotations": [{"timestamp": 6_000, "value": "retry"}],
        }
    ]


def test_a_root_of_no_time_and_no_service_is_shown_too() -> None:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"\x01" * 16, name="root")
    (span,) = spans(request)
    assert "parentId" not in span
    assert (span["duration"], span["localEndpoint"]) == (1, {"serviceName": "unknown"})
