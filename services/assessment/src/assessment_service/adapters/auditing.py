"""Runs the auditor in a process of its own, which gives way to all others and is stopped when it
needs too much time or memory."""

import asyncio
import logging
import os
import resource
from collections import Counter

from assessment_service.adapters.published import everything
from assessment_service.adapters.vault import unit_of_work
from assessment_service.application.self_testing import CHECKS, CheckResult, SelfTest
from assessment_service.settings import Settings
from auditor.audit import audit
from auditor.published import read
from servicekit.short_lived import ShortLived

log = logging.getLogger(__name__)
_NICE = 19


class ProcessAuditor:
    """The port `Auditor`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._processes = ShortLived([__name__])

    async def audit(self) -> SelfTest | None:
        try:
            async with asyncio.timeout(self._settings.self_test.deadline_seconds):
                return await self._processes.run(_audit, self._settings)
        except Exception:
            log.exception("the self-test did not finish")
            return None


def _audit(settings: Settings) -> SelfTest:
    os.nice(_NICE)
    most = settings.self_test.memory_megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    return asyncio.run(_everything(settings))


async def _everything(settings: Settings) -> SelfTest:
    privacy = settings.privacy
    async with unit_of_work(settings) as uow:
        checked_at = await uow.now()
        document = await everything(
            uow.connection, privacy.minimum_group_size, privacy.same_time_days
        )
    report = audit(read(document))
    found = Counter(one.check for one in report.findings)
    return SelfTest(
        checked_at,
        report.releases,
        report.checked["numbers"],
        report.cells,
        not found["not checked"],
        tuple(CheckResult(one, report.checked[one], found[one]) for one in CHECKS),
    )
