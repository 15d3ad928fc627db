"""How a failing activity fails its workflow: a domain refusal with its code, never tried again;
anything else by its kind only, since other texts may hold what Temporal must not see.

While an action is tried again, nobody else can act on its rollout. So one that failed for a reason
that does not pass by itself is `FAILED` at once; what time and evidence do is tried without end."""

import asyncio
import logging
from typing import Any

import temporalio.worker as w
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, FailureError

from servicekit.failures import is_unavailable
from workflow_service.domain.errors import DomainError

log = logging.getLogger(__name__)

FAILED = "failed"


class ActivityFailures(w.Interceptor):
    """Give it to the worker."""

    def intercept_activity(
        self, next: w.ActivityInboundInterceptor
    ) -> w.ActivityInboundInterceptor:
        return _Activity(next)


class _Activity(w.ActivityInboundInterceptor):
    async def execute_activity(self, input: w.ExecuteActivityInput) -> Any:
        try:
            return await super().execute_activity(input)
        except (FailureError, asyncio.CancelledError):
            raise
        except DomainError as error:
            raise refusal(error.code, error.kind, error.detail) from None
        except Exception as error:
            kind, of = type(error).__name__, activity.info().activity_type
            log.warning("activity %s: %s", of, kind, exc_info=error)
            for_good = of == "perform_action" and not is_unavailable(error)
            raise ApplicationError(
                f"{kind}; the worker's log says more",
                type=FAILED if for_good else kind,
                non_retryable=for_good,
            ) from None


def refusal(code: str, kind: str, detail: str) -> ApplicationError:
    """A refusal that no retry mends, as it travels through Temporal."""
    benign = ApplicationErrorCategory.BENIGN
    return ApplicationError(detail, kind, type=code, non_retryable=True, category=benign)
