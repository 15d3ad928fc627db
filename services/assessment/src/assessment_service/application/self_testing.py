"""The self-test: an independent auditor reads everything that was ever published, and its results
are kept. It runs after every release and once a day; one that did not finish runs again earlier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, get_args

Check = Literal["groups", "numbers", "extremes"]
CHECKS: tuple[Check, ...] = get_args(Check)
Outcome = Literal["nothing_found", "found", "not_finished", "not_yet"]

AGAIN_AFTER = timedelta(days=1)
AGAIN_IF_UNFINISHED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How many things a check looked at, and how many findings it has."""

    check: Check
    checked: int
    findings: int


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What was published at a moment, and what the auditor found in it.

    One that did not finish may have findings, and lacks the results of checks if it was stopped.
    """

    checked_at: datetime
    releases: int
    rounds: int
    shown_cells: int
    is_finished: bool
    checks: Sequence[CheckResult]

    @property
    def findings(self) -> int:
        return sum(one.findings for one in self.checks)

    @property
    def outcome(self) -> Outcome:
        if self.findings:
            return "found"
        return "nothing_found" if self.is_finished else "not_finished"


class SelfTests(Protocol):
    """The results of all self-tests."""

    async def latest(self) -> SelfTest | None: ...

    async def add(self, test: SelfTest) -> None: ...

    async def releases(self) -> int:
        """How many releases have published something."""


class SelfTestingUnitOfWork(Protocol):
    self_tests: SelfTests

    async def now(self) -> datetime: ...


class Auditor(Protocol):
    """The independent program that reads everything published."""

    async def audit(self) -> SelfTest | None:
        """None if it did not finish, whatever the reason: too much time or memory, or a failure."""


async def is_due(uow: SelfTestingUnitOfWork) -> bool:
    """Whether something was published since the latest test, or it is too old."""
    latest = await uow.self_tests.latest()
    if latest is None or latest.releases != await uow.self_tests.releases():
        return True
    age = await uow.now() - latest.checked_at
    return age >= (AGAIN_AFTER if latest.is_finished else AGAIN_IF_UNFINISHED)


async def keep(test: SelfTest | None, uow: SelfTestingUnitOfWork) -> SelfTest:
    """Store the test, or that none has finished; return what was stored."""
    if test is None:
        releases = await uow.self_tests.releases()
        test = SelfTest(await uow.now(), releases, 0, 0, False, ())
    await uow.self_tests.add(test)
    return test
