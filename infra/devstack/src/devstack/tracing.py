"""Receive OpenTelemetry spans (OTLP over HTTP, protobuf) and hand them to Zipkin.

Zipkin has no OTLP receiver of its own. Nothing is stored here: while Zipkin does not answer,
spans are refused with 503 and the sender tries again.
"""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

KINDS = {
    Span.SPAN_KIND_SERVER: "SERVER",
    Span.SPAN_KIND_CLIENT: "CLIENT",
    Span.SPAN_KIND_PRODUCER: "PRODUCER",
    Span.SPAN_KIND_CONSUMER: "CONSUMER",
}


def spans(request: ExportTraceServiceRequest) -> Iterator[dict[str, Any]]:
    """Each span as Zipkin v2 JSON (times in microseconds)."""
    for resource in request.resource_spans:
        service = tags(resource.resource.attributes).get("service.name", "unknown")
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield zipkin_span(span, service)


def zipkin_span(span: Span, service: str) -> dict[str, Any]:
    """One span; an error status becomes the tag that Zipkin shows in red."""
    labels = tags(span.attributes)
    if span.status.code == Status.STATUS_CODE_ERROR:
        labels["error"] = span.status.message or "true"
    began, ended = span.start_time_unix_nano // 1000, span.end_time_unix_nano // 1000
    converted = {
        "traceId": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "parentId": span.parent_span_id.hex() or None,
        "name": span.name,
        "kind": KINDS.get(span.kind),
        "timestamp": began,
        "duration": max(ended - began, 1),
        "localEndpoint": {"serviceName": service},
        "tags": labels,
        "annotations": [
            {"timestamp": event.time_unix_nano // 1000, "value": event.name}
            for event in span.events
        ],
    }
    return {key: value for key, value in converted.items() if value is not None}


def tags(attributes: Iterable[KeyValue]) -> dict[str, str]:
    """Attributes as text, whatever their type."""
    found = {}
    for attribute in attributes:
        kind = attribute.value.WhichOneof("value")
        found[attribute.key] = str(getattr(attribute.value, kind)) if kind else ""
    return found


def create_app(zipkin_url: str) -> FastAPI:
    """The receiver; it forwards to the Zipkin at `zipkin_url`."""
    app = FastAPI(title="Trace forwarder", telemetry={"auto_configure": False})
    client = httpx.AsyncClient(timeout=10, trust_env=False)

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.post("/v1/traces")
    async def receive(request: Request) -> Response:
        body = await request.body()
        message = ExportTraceServiceRequest()
        try:
            if request.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            message.ParseFromString(body)
        except (OSError, EOFError, zlib.error, DecodeError) as error:
            return Response(f"not an OTLP trace request: {error}", status_code=400)
        try:
            answer = await client.post(f"{zipkin_url}/api/v2/spans", json=list(spans(message)))
            answer.raise_for_status()
        except httpx.HTTPError as error:
            return Response(f"Zipkin does not take spans: {error}", status_code=503)
        return Response(media_type="application/x-protobuf")

    return app


def main() -> None:
    """Run the receiver as the environment says (TRACING_PORT, ZIPKIN_URL); used by the stack."""
    app = create_app(os.environ["ZIPKIN_URL"])
    port = int(os.environ["TRACING_PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
