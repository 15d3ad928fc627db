"""A unit of work in memory, held to the same scenarios as the real one (port_scenarios.py)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from content_service.application.ports import (
    Articles,
    Assignments,
    Inbox,
    Modules,
    PageOf,
    Practice,
    References,
    Scope,
    Search,
    Units,
)
from content_service.domain.assignment import Assignment
from content_service.domain.correction import Change
from content_service.domain.events import DomainEvent
from content_service.domain.module import Behaviour, Module, Phase, PublishedModule
from content_service.domain.practice import Action, Meeting
from content_service.domain.reference import UnknownReference
from content_service.domain.unit import Unit
from servicekit import audit_trail
from unit.content.article_fakes import FakeArticles, FakeInbox, FakeSearch


class FakeModules:
    def __init__(self) -> None:
        self.rows: dict[str, Module] = {}
        self.versions: dict[tuple[str, int], PublishedModule] = {}

    async def add(self, module: Module) -> bool:
        return self.rows.setdefault(module.module_id, module) is module

    async def get(self, module_id: str) -> Module | None:
        return self.rows.get(module_id)

    async def lock(self, module_id: str) -> Module | None:
        return self.rows.get(module_id)

    async def save(self, module: Module) -> None:
        self.rows[module.module_id] = module

    async def add_version(self, published: PublishedModule) -> None:
        self.versions[published.module_id, published.version] = published

    async def get_version(self, module_id: str, version: int) -> PublishedModule | None:
        return self.versions.get((module_id, version))

    async def newest(self, module_ids: Collection[str]) -> dict[str, PublishedModule]:
        return {
            module_id: self.versions[module_id, self.rows[module_id].version]
            for module_id in module_ids
            if module_id in self.rows and self.rows[module_id].version
        }

    async def page(
        self, behaviour: Behaviour | None, phase: Phase | None, page: PageOf
    ) -> tuple[list[PublishedModule], int]:
        newest = await self.newest(sorted(self.rows))
        found = [
            published
            for published in newest.values()
            if behaviour in (None, *published.content.behaviours)
            and phase in (None, published.content.phase)
        ]
        return found[page.offset : page.offset + page.limit], len(found)

    async def drafts(self, page: PageOf) -> tuple[list[Module], int]:
        found = [self.rows[module_id] for module_id in sorted(self.rows)]
        return found[page.offset : page.offset + page.limit], len(found)


class FakeUnits:
    def __init__(self) -> None:
        self.rows: dict[str, Unit] = {}

    async def save(self, unit: Unit) -> None:
        known = self.rows.get(unit.unit_id)
        if known is None or known.version < unit.version:
            self.rows[unit.unit_id] = unit

    async def get(self, unit_id: str) -> Unit | None:
        return self.rows.get(unit_id)

    async def path(self, unit_id: str) -> frozenset[str]:
        path: set[str] = set()
        current: str | None = unit_id
        while current is not None and current not in path:
            path.add(current)
            known = self.rows.get(current)
            current = known.parent_id if known else None
        return frozenset(path)


class FakeAssignments:
    def __init__(self, units: Units) -> None:
        self._units = units
        self.rows: dict[UUID, Assignment] = {}

    async def add(self, assignments: Sequence[Assignment]) -> set[UUID]:
        new = {a.assignment_id: a for a in assignments if a.assignment_id not in self.rows}
        self.rows |= new
        return set(new)

    async def find(self, assignment_ids: Collection[UUID]) -> dict[UUID, Assignment]:
        return {id_: self.rows[id_] for id_ in assignment_ids if id_ in self.rows}

    async def lock(self, assignment_id: UUID) -> Assignment | None:
        return self.rows.get(assignment_id)

    async def save(self, assignment: Assignment) -> None:
        self.rows[assignment.assignment_id] = assignment

    async def exist_for(self, rollout_id: UUID, unit_id: str) -> bool:
        return any((a.rollout_id, a.unit_id) == (rollout_id, unit_id) for a in self.rows.values())

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> list[Assignment]:
        found = [
            a for a in self.rows.values() if (a.rollout_id, a.unit_id) == (rollout_id, unit_id)
        ]
        return sorted(found, key=lambda a: a.module_id)

    async def page(
        self, scope: Scope, unit_id: str | None, rollout_id: UUID | None, page: PageOf
    ) -> tuple[list[Assignment], int]:
        found = [
            a
            for a in sorted(self.rows.values(), key=lambda a: (a.unit_id, a.module_id))
            if unit_id in (None, a.unit_id)
            and rollout_id in (None, a.rollout_id)
            and await covers(scope, a.unit_id, self._units)
        ]
        return found[page.offset : page.offset + page.limit], len(found)


async def covers(scope: Scope, unit_id: str, units: Units) -> bool:
    """Whether the scope includes the unit, or a tree that it stands in."""
    if scope is None or unit_id in scope.units:
        return True
    return not scope.trees.isdisjoint(await units.path(unit_id))


class FakePractice:
    def __init__(self) -> None:
        self.meetings: dict[UUID, Meeting] = {}
        self.actions: dict[UUID, Action] = {}
        self.history: list[Change] = []

    async def add_meeting(self, meeting: Meeting) -> None:
        self.meetings[meeting.meeting_id] = meeting

    async def lock_meeting(self, meeting_id: UUID) -> Meeting | None:
        return self.meetings.get(meeting_id)

    async def save_meeting(self, meeting: Meeting) -> None:
        self.meetings[meeting.meeting_id] = meeting

    async def add_action(self, action: Action) -> None:
        self.actions[action.action_id] = action

    async def lock_action(self, action_id: UUID) -> Action | None:
        return self.actions.get(action_id)

    async def save_action(self, action: Action) -> None:
        self.actions[action.action_id] = action

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> tuple[list[Meeting], list[Action]]:
        whose = (rollout_id, unit_id)
        meetings = [
            m
            for m in self.meetings.values()
            if (m.rollout_id, m.unit_id) == whose and m.withdrawn_at is None
        ]
        actions = [
            a
            for a in self.actions.values()
            if (a.rollout_id, a.unit_id) == whose and a.withdrawn_at is None
        ]
        return (
            sorted(meetings, key=lambda m: (m.held_on, m.meeting_id)),
            sorted(actions, key=lambda a: (a.check_back_on, a.action_id)),
        )

    async def add_change(self, change: Change) -> None:
        self.history.append(change)

    async def changes(
        self, rollout_id: UUID, unit_id: str, page: PageOf
    ) -> tuple[list[Change], int]:
        whose = (rollout_id, unit_id)
        found = [c for c in self.history if (c.before.rollout_id, c.before.unit_id) == whose]
        found.sort(key=lambda c: c.change_id)
        found.sort(key=lambda c: c.changed_at, reverse=True)
        return found[page.offset : page.offset + page.limit], len(found)


class FakeReferences:
    def __init__(self, units: Units, assignments: FakeAssignments) -> None:
        self._units, self._assignments = units, assignments
        self.rollouts: dict[UUID, frozenset[str]] = {}

    async def add_rollout(self, rollout_id: UUID, unit_ids: Collection[str]) -> None:
        self.rollouts.setdefault(rollout_id, frozenset(unit_ids))

    async def outside(self, rollout_id: UUID, unit_ids: Collection[str]) -> list[str]:
        members = self.rollouts.get(rollout_id)
        return [unit_id for unit_id in unit_ids if unit_id not in members] if members else []

    async def occurs(self, rollout_id: UUID) -> bool:
        assigned = self._assignments.rows.values()
        return rollout_id in self.rollouts or rollout_id in {a.rollout_id for a in assigned}

    async def unknown(self, rollout_id: UUID, unit_ids: Collection[str]) -> list[UnknownReference]:
        found = []
        if rollout_id not in self.rollouts:
            found.append(UnknownReference("rollout", str(rollout_id)))
        for unit_id in dict.fromkeys(unit_ids):
            if await self._units.get(unit_id) is None:
                found.append(UnknownReference("unit", unit_id))
        return found

    async def open_problems(self, scope: Scope, page: PageOf) -> tuple[list[UnknownReference], int]:
        found: set[UnknownReference] = set()
        for one in self._assignments.rows.values():
            if await covers(scope, one.unit_id, self._units):
                found.update(await self.unknown(one.rollout_id, [one.unit_id]))
        ordered = sorted(found, key=lambda one: (one.kind, one.reference))
        return ordered[page.offset : page.offset + page.limit], len(ordered)


class FakeUnitOfWork:
    """`now` may be set at any time; nothing is rolled back."""

    def __init__(self, now: datetime = datetime(2026, 3, 1, tzinfo=UTC)) -> None:
        self.time = now
        self.articles: Articles = FakeArticles()
        self.inbox: Inbox = FakeInbox()
        self.search: Search = FakeSearch()
        self.modules: Modules = FakeModules()
        self.units: Units = FakeUnits()
        assignments = FakeAssignments(self.units)
        self.assignments: Assignments = assignments
        self.references: References = FakeReferences(self.units, assignments)
        self.practice: Practice = FakePractice()
        self.events: list[DomainEvent] = []
        self.noted: list[audit_trail.Change] = []

    async def now(self) -> datetime:
        return self.time

    def record(self, event: DomainEvent, cause: str | None = None) -> None:
        self.events.append(event)

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        unit_id: str | None = None,
    ) -> None:
        self.noted.append(audit_trail.Change(action, subject, before, after, reason, unit_id))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...
