"""The unit of work in memory, held to the same port tests as the real one
(tests/integration/workflow/test_ports.py)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from servicekit.audit_trail import Change
from unit.workflow.clock import NOW
from unit.workflow.organisation.fakes import FakeUnitChanges, FakeUnits
from unit.workflow.rollout.fake_boards import FakeBoards
from unit.workflow.rollout.fake_differences import FakeDifferences
from unit.workflow.rollout.fakes import FakeRollouts
from unit.workflow.template.fakes import FakeReferences, FakeTemplates
from workflow_service.application.ports import UnitOfWork


class FakeUnitOfWork:
    """`time` is what the database's clock says; `events` are those recorded, with their cause."""

    def __init__(self) -> None:
        self.units = FakeUnits()
        self.templates = FakeTemplates()
        self.rollouts = FakeRollouts(self.units)
        self.boards = FakeBoards(self.units, self.rollouts)
        self.managements = self.rollouts.managements
        self.unit_changes = FakeUnitChanges()
        self.references = FakeReferences()
        self.differences = FakeDifferences()
        self.events: list[object] = []
        self.noted: list[Change] = []
        self.causes: list[str | None] = []
        self.time = NOW

    async def now(self) -> datetime:
        return self.time

    def record(self, event: object, cause: str | None = None) -> None:
        self.events.append(event)
        self.causes.append(cause)

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        self.noted.append(Change(action, subject, before, after, reason))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


_: type[UnitOfWork] = FakeUnitOfWork
