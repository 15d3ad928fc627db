"""When to try again and when to give up, by the same rule for mails and webhooks.

A retry table lists the waits after the first, second, ... failed attempt, in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

JITTER = 0.2
"""A wait is the table's value +/- 20 % at random, so that retries spread out."""
LONGEST_WAIT = timedelta(hours=24)
"""The longest wait that a receiver can ask for with Retry-After."""


MAIL_RETRY_SECONDS = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)
"""A mail is given up after about 17 hours, when it is no longer useful."""
WEBHOOK_RETRY_SECONDS = (
    *(5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600),
    *(10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600),
)
"""The table of Standard Webhooks 1.0: ten attempts over a little more than three days."""


Result = Literal["accepted", "retry", "refused"]
"""How an attempt ended. After "retry" another attempt may succeed, after "refused" none can."""

CLOCK_SUSPECTED = "timestamp-refused-check-clocks"
"""The receiver refused the request's time: probably its clock is wrong, or ours."""

Status = Literal["pending", "sent", "failed"]
"""Of a message or a delivery."""


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one attempt at a webhook sent and got. Never a secret; the answer's beginning only."""

    url: str
    request_headers: Headers
    response_headers: Headers = ()
    response_body: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt. `reason` is a stable code without personal data."""

    result: Result
    reason: str = ""
    status_code: int | None = None
    retry_after: timedelta | None = None
    exchange: Exchange | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of an attempt: sent, finally failed, or pending until `next_attempt_at`."""

    status: Status
    reason: str
    step: int
    next_attempt_at: datetime | None = None


def judge(
    outcome: Outcome, step: int, now: datetime, table: Sequence[float], jitter: float
) -> Verdict:
    """Decide what follows attempt number `step` (from 0); `jitter` is random in [0, 1]."""
    if outcome.result == "accepted":
        return Verdict("sent", "", step)
    if outcome.result == "refused":
        return Verdict("failed", outcome.reason, step)
    if step >= len(table):
        return Verdict("failed", "retries-exhausted", step)
    wait = timedelta(seconds=table[step] * (1 + JITTER * (2 * jitter - 1)))
    if outcome.retry_after is not None:
        wait = max(wait, min(outcome.retry_after, LONGEST_WAIT))
    return Verdict("pending", outcome.reason, step + 1, now + wait)
