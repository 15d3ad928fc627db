"""When to try again, and when to give up: one rule for mails and webhooks.

A retry table lists the waits after the first, second, ... failed attempt, in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

JITTER = 0.2
"""A wait is drawn from +/- 20 % of the table's value, so that failures spread out."""
LONGEST_WAIT = timedelta(hours=24)
"""A receiver cannot push us off for longer than this with Retry-After."""


MAIL_RETRY_SECONDS = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)
"""A mail is given up after the better part of a day: its occasion will have passed."""
WEBHOOK_RETRY_SECONDS = (
    *(5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600),
    *(10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600),
)
"""The table of Standard Webhooks 1.0: ten attempts over a little more than three days."""


Result = Literal["accepted", "retry", "refused"]
"""How an attempt ended. "retry" may succeed later, "refused" never will."""

Status = Literal["pending", "sent", "failed"]
"""Of a message or a delivery."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended. `reason` is a stable code, without any personal data."""

    result: Result
    reason: str = ""
    status_code: int | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an attempt: sent, failed for good, or pending until `next_attempt_at`."""

    status: Status
    reason: str
    step: int
    next_attempt_at: datetime | None = None


def judge(
    outcome: Outcome, step: int, now: datetime, table: Sequence[float], luck: float
) -> Verdict:
    """Decide what follows the attempt number `step` (from 0); `luck` is random in [0, 1]."""
    if outcome.result == "accepted":
        return Verdict("sent", "", step)
    if outcome.result == "refused":
        return Verdict("failed", outcome.reason, step)
    if step >= len(table):
        return Verdict("failed", "retries-exhausted", step)
    wait = timedelta(seconds=table[step] * (1 + JITTER * (2 * luck - 1)))
    if outcome.retry_after is not None:
        wait = max(wait, min(outcome.retry_after, LONGEST_WAIT))
    return Verdict("pending", outcome.reason, step + 1, now + wait)
