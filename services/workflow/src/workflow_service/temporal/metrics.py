"""What Temporal's SDK measures, under its own names: how long tasks wait, what fails."""

import asyncio
from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram
from temporalio.runtime import (
    BufferedMetricUpdate,
    MetricBuffer,
    MetricBufferDurationFormat,
    Runtime,
    TelemetryConfig,
)

_BUFFERED = 50_000
_SECONDS = 2.0
_WAITS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

TURN_WAIT = Histogram(
    "temporal_workflow_task_schedule_to_start_latency_seconds",
    "How long a workflow's turn waited for a worker",
    buckets=_WAITS,
)
ACTIVITY_WAIT = Histogram(
    "temporal_activity_schedule_to_start_latency_seconds",
    "How long an activity waited for a worker",
    ["activity_type"],
    buckets=_WAITS,
)
TURN_FAILURES = Counter(
    "temporal_workflow_task_execution_failed",
    "Turns of workflows that failed and are tried again",
    ["workflow_type", "failure_reason"],
)
ACTIVITY_FAILURES = Counter(
    "temporal_activity_execution_failed", "Attempts of activities that failed", ["activity_type"]
)
REQUEST_FAILURES = Counter(
    "temporal_request_failure",
    "Requests that Temporal refused or did not answer",
    ["operation", "status_code"],
)
SLOTS = Gauge(
    "temporal_worker_task_slots_available",
    "How many more tasks this worker could take",
    ["worker_type"],
)
_METRICS = (TURN_WAIT, ACTIVITY_WAIT, TURN_FAILURES, ACTIVITY_FAILURES, REQUEST_FAILURES, SLOTS)
_BY_NAME = {metric._name.removesuffix("_seconds"): metric for metric in _METRICS}


class TemporalMetrics:
    """A component. `runtime` is for the client whose work is to be measured."""

    def __init__(self) -> None:
        self._buffer = MetricBuffer(_BUFFERED, MetricBufferDurationFormat.SECONDS)
        self.runtime = Runtime(telemetry=TelemetryConfig(metrics=self._buffer))

    async def run(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            for update in self._buffer.retrieve_updates():
                _apply(update)
            await asyncio.wait({stopping}, timeout=_SECONDS)


def _apply(update: BufferedMetricUpdate) -> None:
    metric = _BY_NAME.get(update.metric.name)
    if metric is None:
        return
    given: Mapping[str, object] = update.attributes
    series = metric
    if metric._labelnames:
        series = metric.labels(*(str(given.get(name, "")) for name in metric._labelnames))
    match series:
        case Counter():
            series.inc(update.value)
        case Gauge():
            series.set(update.value)
        case Histogram():
            series.observe(update.value)
