"""One trace leads from an administrator's request to the mail that it caused."""

import json
from uuid import uuid4

import pytest
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from devstack import Stack
from e2e.pilot import Administrator, begin
from support.eventually import eventually
from support.otlp import OtlpSink, ReceivedSpan

CALLER = "00f067aa0ba902b7"


@pytest.fixture
def unit() -> str:
    return f"trace-{uuid4().hex[:8]}"


def assert_connected(spans: list[ReceivedSpan]) -> None:
    """Every span hangs on another one, or on the caller's own."""
    known = {span.span_id for span in spans} | {CALLER}
    assert [span.name for span in spans if span.parent_id not in known] == []


async def test_one_trace_from_a_request_to_the_mail(
    stack: Stack, spans: OtlpSink, unit: str
) -> None:
    administrator = Administrator(stack)
    trace_id = f"{RandomIdGenerator().generate_trace_id():032x}"
    traced = {"traceparent": f"00-{trace_id}-{CALLER}-01"}
    begin(administrator, unit, **traced)

    def trace() -> list[ReceivedSpan]:
        return [span for span in spans.spans if span.trace_id == trace_id]

    async def whole() -> bool:
        """Spans arrive in batches of each process, in any order."""
        names = [span.name for span in trace()]
        assert sum(name.startswith("send") for name in names) >= 2, sorted(set(names))
        services = {span.service for span in trace()}
        assert {"workflow-service", "assessment-service", "notification-service"} <= services
        for expected in (
            "POST /v1/rollouts",
            "activity ",
            "POST /v1/rounds",
            "process assessment.round",
        ):
            assert any(name.startswith(expected) for name in names), sorted(set(names))
        assert_connected(trace())
        return True

    await eventually(whole, within=90)
    everything = json.dumps([span.attributes for span in trace()])
    assert "Exempelperson" not in everything
    assert f"{unit}-1@" not in everything
