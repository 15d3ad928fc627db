"""Alerts, as the rules of infra/prometheus raise them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One that fires. `summary` is in English, `runbook` a file below docs/runbooks with its
    heading; somebody looks at once at one that `is_urgent`."""

    name: str
    is_urgent: bool
    summary: str
    runbook: str
    since: datetime
