"""What the SDK measures becomes Prometheus's, under its own name."""

from types import SimpleNamespace
from typing import Any

from prometheus_client import REGISTRY

from workflow_service.temporal import metrics


def update(name: str, value: float, **attributes: str) -> Any:
    named = SimpleNamespace(name=name)
    return SimpleNamespace(metric=named, value=value, attributes=attributes)


def test_each_kind_is_kept_with_its_labels() -> None:
    wait = "temporal_activity_schedule_to_start_latency"
    metrics._apply(update(wait, 0.2, activity_type="advance", namespace="default"))
    metrics._apply(update("temporal_activity_execution_failed", 2, activity_type="advance"))
    metrics._apply(update("temporal_worker_task_slots_available", 6, worker_type="ActivityWorker"))
    metrics._apply(update("temporal_sticky_cache_size", 1))
    metrics._apply(update("temporal_workflow_task_schedule_to_start_latency", 0.2))
    found = {
        "temporal_activity_schedule_to_start_latency_seconds_sum": {"activity_type": "advance"},
        "temporal_activity_execution_failed_total": {"activity_type": "advance"},
        "temporal_worker_task_slots_available": {"worker_type": "ActivityWorker"},
        "temporal_workflow_task_schedule_to_start_latency_seconds_count": {},
    }
    values = [REGISTRY.get_sample_value(name, labels) for name, labels in found.items()]
    assert values == [0.2, 2, 6, 1]
