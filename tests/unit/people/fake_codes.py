"""The ports of one-time codes in memory; code_port_scenarios checks them and PostgreSQL alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from people_service.application import code_ports
from people_service.application.code_ports import Code, Round, UnitPlace
from people_service.domain.guessing import Failures
from people_service.domain.person import Person
from unit.people.fakes import FakeUnitOfWork, Store


@dataclass
class CodeStore(Store):
    """What the fake database holds of rounds and codes."""

    rounds: dict[UUID, Round] = field(default_factory=dict)
    codes: dict[bytes, Code] = field(default_factory=dict)
    failed: dict[str, Failures] = field(default_factory=dict)
    places: dict[str, UnitPlace] = field(default_factory=dict)
    noted: list[tuple[str, str, Mapping[str, Any] | None]] = field(default_factory=list)


class FakeRounds:
    def __init__(self, store: CodeStore) -> None:
        self._store = store

    async def remember(self, round_: Round) -> None:
        before = self._store.rounds.get(round_.round_id)
        newer = before is None or before.as_of < round_.as_of or not round_.is_open
        if newer and (before is None or before.is_open):
            self._store.rounds[round_.round_id] = round_

    async def locked(self, round_id: UUID) -> Round | None:
        return self._store.rounds.get(round_id)


class FakeCodes:
    def __init__(self, store: CodeStore) -> None:
        self._store = store

    async def add(self, codes: Collection[Code]) -> None:
        self._store.codes |= {one.digest: one for one in codes}

    async def count(self, round_id: UUID) -> int:
        return sum(one.round_id == round_id for one in self._store.codes.values())

    async def find(self, digest: bytes) -> tuple[Code, Round] | None:
        code = self._store.codes.get(digest)
        return (code, self._store.rounds[code.round_id]) if code else None

    async def forget(self, round_id: UUID) -> None:
        kept = {d: one for d, one in self._store.codes.items() if one.round_id != round_id}
        self._store.codes = kept


class FakeFailedAttempts:
    def __init__(self, store: CodeStore) -> None:
        self._store = store

    async def seen(self, places: Collection[str]) -> Mapping[str, Failures]:
        return {place: self._store.failed.get(place, Failures()) for place in places}

    async def locked(self, place: str) -> Failures:
        return self._store.failed.get(place, Failures())

    async def save(self, place: str, failures: Failures) -> None:
        self._store.failed[place] = failures

    async def forget(self, before: datetime) -> None:
        kept = {place: one for place, one in self._store.failed.items() if one.since > before}
        self._store.failed = kept


class FakeUnitTree:
    def __init__(self, store: CodeStore) -> None:
        self._store = store

    async def place(self, unit: UnitPlace) -> None:
        before = self._store.places.get(unit.unit_id)
        if before is None or before.version < unit.version:
            self._store.places[unit.unit_id] = unit

    async def path(self, unit_id: str) -> frozenset[str]:
        path: list[str] = []
        at: str | None = unit_id
        while at is not None and at not in path:
            path.append(at)
            at = self._store.places[at].parent_id if at in self._store.places else None
        return frozenset(path)

    async def name(self, unit_id: str) -> str:
        return self._store.places[unit_id].name if unit_id in self._store.places else unit_id


class FakeEmployees:
    def __init__(self, store: CodeStore) -> None:
        self._store = store

    async def of_unit(self, unit_id: str, day: date) -> Sequence[Person]:
        return [one for one in self._store.people.values() if unit_id in one.employed_in(day)]


class FakeCodesUnitOfWork(FakeUnitOfWork):
    def __init__(self, store: CodeStore) -> None:
        super().__init__(store)
        self._codes = store
        self.rounds: code_ports.Rounds = FakeRounds(store)
        self.codes: code_ports.Codes = FakeCodes(store)
        self.failed_attempts: code_ports.FailedAttempts = FakeFailedAttempts(store)
        self.unit_tree: code_ports.UnitTree = FakeUnitTree(store)
        self.employees: code_ports.Employees = FakeEmployees(store)

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        unit_id: str | None = None,
    ) -> None:
        self._codes.noted.append((action, subject, after))
