"""What Prometheus knows: alerts, as the rules of infra/prometheus raise them, the last drill of a
restore, and how often a limit was met."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

DRILL_HOLDS = timedelta(days=35)
"""So old a drill may be; as the rule `DrillOverdue` has it."""
DrillState = Literal["never", "failed", "overdue", "passed"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One that fires. `summary` is in English, `runbook` a file below docs/runbooks with its
    heading; somebody looks at once at one that `is_urgent`."""

    name: str
    is_urgent: bool
    summary: str
    runbook: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Drill:
    """`rpo_seconds`: so much was lost; `rto_seconds`: so long until all was ready again; of the
    last one that was passed, as `passed_at`. `failed_at`: of the last one that was not."""

    passed_at: datetime | None = None
    failed_at: datetime | None = None
    rpo_seconds: float | None = None
    rto_seconds: float | None = None

    def state(self, now: datetime) -> DrillState:
        if self.failed_at and (self.passed_at is None or self.failed_at > self.passed_at):
            return "failed"
        if self.passed_at is None:
            return "never"
        return "overdue" if now - self.passed_at > DRILL_HOLDS else "passed"


@dataclass(frozen=True, slots=True)
class LimitMet:
    """How often a service refused a client in the last hour, because of a limit."""

    service: str
    limit: str
    count: int


@dataclass(frozen=True, slots=True)
class Monitored:
    """Alerts: urgent ones first, then the oldest."""

    alerts: Sequence[Alert] = ()
    drill: Drill = Drill()
    limits_met: Sequence[LimitMet] = ()
