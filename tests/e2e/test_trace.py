"""One trace leads from an administrator's request to the mail that it caused."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from devstack import Stack
from support.eventually import eventually
from support.otlp import OtlpSink, ReceivedSpan
from support.stack import signed_in

CALLER = "00f067aa0ba902b7"
DATA = Path(__file__).parents[2] / "demo" / "data"


class Administrator:
    """Requests with an administrator's token, or another persona's."""

    def __init__(self, stack: Stack, persona: str = "administrator") -> None:
        self._env = stack.env
        self._http = httpx.Client(headers=signed_in(stack, persona), timeout=30)

    def post(self, service: str, path: str, body: Any, **headers: str) -> dict[str, Any]:
        url = self._env[f"{service.upper()}_URL"] + "/v1" + path
        content = {"content": body} if isinstance(body, str) else {"json": body}
        if isinstance(body, str):
            headers["content-type"] = "text/csv"
        answer = self._http.post(
            url, headers={"idempotency-key": str(uuid4()), **headers}, **content
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def unit() -> str:
    return f"trace-{uuid4().hex[:8]}"


def prepare(administrator: Administrator, unit: str) -> dict[str, Any]:
    """A pilot unit with two people, and all that a rollout needs; returns the rollout's request."""
    columns = "unit_id,name,kind,parent_id,headcount"
    units = [f"{unit},Spår,unit,,9", f"{unit}-later,Senare,unit,,9"]
    administrator.post("workflow", "/units/import", "\n".join([columns, *units]))
    columns = "person_id,name,email,language,role,unit_id"
    people = [
        f"{unit}-1,Exempelperson 0001,{unit}-1@example.se,sv,employee,{unit}",
        *(
            f"{unit}-chef,Exempelperson 0002,{unit}-chef@example.se,sv,manager,{managed}"
            for managed in (unit, f"{unit}-later")
        ),
    ]
    administrator.post("people", "/persons/import", "\n".join([columns, *people]))
    instrument = json.loads((DATA / "instrument.json").read_text()) | {"instrument_id": unit}
    administrator.post("assessment", "/instruments", instrument | {"version": 1})
    template = json.loads((DATA / "template.compressed.json").read_text()) | {"template_id": unit}
    for step in ("baseline", "follow_up"):
        template["steps"][step]["instrument"] = {"id": unit, "version": 1}
    administrator.post("workflow", "/templates", template)
    return {
        "name": "Trace",
        "template_id": unit,
        "pilot_unit_ids": [unit],
        "unit_ids": [unit, f"{unit}-later"],
    }


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
    rollout = administrator.post("workflow", "/rollouts", prepare(administrator, unit), **traced)
    actions = f"/rollouts/{rollout['rollout_id']}/actions"
    for kind in ("risk_assessment", "joint_consultation"):
        recorded = {"wave": 0, "kind": kind, "reference": "RV 1", "recorded_on": "2026-01-02"}
        administrator.post("workflow", f"{actions}/record-prerequisite", recorded)
    administrator.post("workflow", f"{actions}/start-pilot", {}, **traced)

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
