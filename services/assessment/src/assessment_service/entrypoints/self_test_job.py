"""The worker's job that runs a self-test when one is due, and reports what the latest one found."""

import logging

from prometheus_client import Gauge

from assessment_service.application import self_testing
from assessment_service.entrypoints.app import AssessmentApp
from servicekit import telemetry

log = logging.getLogger(__name__)

NAME = "self-test"
FINDINGS = Gauge(
    "assessment_self_test_findings",
    "What the latest self-test found that can be worked out from published results",
)
UNFINISHED = Gauge(
    "assessment_self_test_unfinished", "1 if the latest self-test did not finish, else 0"
)


class SelfTestJob:
    """Several workers may run it: each stores a result of its own, and the latest counts."""

    def __init__(self, app: AssessmentApp) -> None:
        self._app = app

    async def run(self) -> None:
        """Raises only if the database does not answer."""
        async with self._app.uow() as uow:
            latest = await uow.self_tests.latest()
            due = await self_testing.is_due(uow)
        if due:
            with telemetry.span("self-test"):
                test = await self._app.auditor.audit()
            async with self._app.uow() as uow:
                latest = await self_testing.keep(test, uow)
            if latest.outcome != "nothing_found":
                found = {one.check: one.findings for one in latest.checks}
                log.error("self-test: %s %s; see docs/runbooks/self-test.md", latest.outcome, found)
        if latest:
            FINDINGS.set(latest.findings)
            UNFINISHED.set(not latest.is_finished)
