"""Carries the W3C trace context through Temporal: caller > update, signal or start > activity.

Workflow code only hands a text on, so a replay makes no spans and nothing depends on the clock;
spans are made around activities. An Update's activities belong to the Update's trace, the others
to the trace that started the workflow.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, NoReturn

import temporalio.client as c
import temporalio.worker as w
from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadConverter

from servicekit import telemetry

_HEADER = "traceparent"
_carried: ContextVar[str | None] = ContextVar("carried_traceparent", default=None)
Headers = Mapping[str, Payload]


def _with(headers: Headers, traceparent: str | None) -> Headers:
    if traceparent is None:
        return headers
    return {**headers, _HEADER: PayloadConverter.default.to_payload(traceparent)}


def _of(headers: Headers) -> str | None:
    payload = headers.get(_HEADER)
    return PayloadConverter.default.from_payload(payload, str) if payload else None


class TracePropagation(c.Interceptor, w.Interceptor):
    """Give it to the client; the client's workers use it too."""

    def intercept_client(self, next: c.OutboundInterceptor) -> c.OutboundInterceptor:
        return _Client(next)

    def intercept_activity(
        self, next: w.ActivityInboundInterceptor
    ) -> w.ActivityInboundInterceptor:
        return _Activity(next)

    def workflow_interceptor_class(
        self, input: w.WorkflowInterceptorClassInput
    ) -> type[w.WorkflowInboundInterceptor] | None:
        return _Workflow


class _Client(c.OutboundInterceptor):
    async def start_workflow(self, input: c.StartWorkflowInput) -> c.WorkflowHandle[Any, Any]:
        input.headers = _with(input.headers, telemetry.current_traceparent())
        return await super().start_workflow(input)

    async def signal_workflow(self, input: c.SignalWorkflowInput) -> None:
        input.headers = _with(input.headers, telemetry.current_traceparent())
        await super().signal_workflow(input)

    async def start_update_with_start_workflow(
        self, input: c.StartWorkflowUpdateWithStartInput
    ) -> c.WorkflowUpdateHandle[Any]:
        current = telemetry.current_traceparent()
        for each in (input.start_workflow_input, input.update_workflow_input):
            each.headers = _with(each.headers, current)
        return await super().start_update_with_start_workflow(input)


class _Activity(w.ActivityInboundInterceptor):
    async def execute_activity(self, input: w.ExecuteActivityInput) -> Any:
        info = activity.info()
        with telemetry.span(
            f"activity {info.activity_type}",
            traceparent=_of(input.headers),
            attributes={
                "temporal.workflow.id": info.workflow_id or "",
                "temporal.activity.attempt": info.attempt,
            },
        ):
            return await super().execute_activity(input)


class _Workflow(w.WorkflowInboundInterceptor):
    def init(self, outbound: w.WorkflowOutboundInterceptor) -> None:
        super().init(_WorkflowOutbound(outbound))

    async def handle_update_handler(self, input: w.HandleUpdateInput) -> Any:
        _carried.set(_of(input.headers))
        return await super().handle_update_handler(input)


class _WorkflowOutbound(w.WorkflowOutboundInterceptor):
    def start_activity(self, input: w.StartActivityInput) -> workflow.ActivityHandle[Any]:
        input.headers = _with(input.headers, self._current())
        return super().start_activity(input)

    def start_local_activity(
        self, input: w.StartLocalActivityInput
    ) -> workflow.ActivityHandle[Any]:
        input.headers = _with(input.headers, self._current())
        return super().start_local_activity(input)

    async def signal_external_workflow(self, input: w.SignalExternalWorkflowInput) -> None:
        input.headers = _with(input.headers, self._current())
        await super().signal_external_workflow(input)

    def continue_as_new(self, input: w.ContinueAsNewInput) -> NoReturn:
        input.headers = _with(input.headers, self._current())
        super().continue_as_new(input)

    def _current(self) -> str | None:
        return _carried.get() or _of(workflow.info().headers)
