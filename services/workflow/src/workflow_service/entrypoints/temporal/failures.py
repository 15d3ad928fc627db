"""What a failing activity tells its workflow: a domain refusal with its code, never to be tried
again; anything else by its kind only, since other texts may hold what Temporal must not see."""

import asyncio
import logging
from typing import Any

import temporalio.worker as w
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, FailureError

from workflow_service.domain.errors import DomainError

log = logging.getLogger(__name__)


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
            kind = type(error).__name__
            log.warning("activity %s: %s", activity.info().activity_type, kind, exc_info=error)
            raise ApplicationError(f"{kind}; the worker's log tells more", type=kind) from None


def refusal(code: str, kind: str, detail: str) -> ApplicationError:
    """A refusal that no retry mends, as it travels through Temporal."""
    benign = ApplicationErrorCategory.BENIGN
    return ApplicationError(detail, kind, type=code, non_retryable=True, category=benign)
