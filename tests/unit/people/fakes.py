"""The ports in memory; port_scenarios checks them and PostgreSQL alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from people_service.application import ports
from people_service.application.ports import Account
from people_service.domain.person import Person
from unit.people.builders import NOW


@dataclass
class Store:
    """What the fake database holds, and its clock."""

    now: datetime = NOW
    people: dict[str, Person] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    unit_managers: dict[str, tuple[str, int]] = field(default_factory=dict)


class FakePersons:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all_locked(self) -> dict[str, Person]:
        return dict(sorted(self._store.people.items()))

    async def save(self, persons: Sequence[Person]) -> None:
        self._store.people |= {person.person_id: person for person in persons}

    async def remove(self, person_id: str) -> bool:
        for key, account in self._store.accounts.items():
            if account.person_id == person_id:
                self._store.accounts[key] = replace(account, person_id=None)
        return self._store.people.pop(person_id, None) is not None

    async def of_ids(self, person_ids: Collection[str]) -> dict[str, Person]:
        return {id_: self._store.people[id_] for id_ in person_ids if id_ in self._store.people}

    async def with_address(self, email: str) -> list[Person]:
        return [p for p in self._store.people.values() if p.email.lower() == email.lower()]

    async def of_unit(self, unit_id: str, day: date) -> list[str]:
        employees = self._holding("employee", unit_id, day)
        return sorted({*employees, *await self.managers_of(unit_id, day)})

    async def managers_of(self, unit_id: str, day: date) -> list[str]:
        deputies = self._holding("deputy", unit_id, day)
        if unit_id in self._store.unit_managers:
            manager = self._store.unit_managers[unit_id][0]
            return sorted(deputies | ({manager} & self._store.people.keys()))
        return sorted(deputies | self._holding("manager", unit_id, day))

    async def managers(self, day: date) -> list[str]:
        units = {a.unit_id for person in self._store.people.values() for a in person.assignments}
        of_each = [await self.managers_of(u, day) for u in {*units, *self._store.unit_managers}]
        return sorted({manager for managers in of_each for manager in managers})

    async def administrators(self, day: date) -> list[str]:
        return sorted(self._holding("administrator", "", day))

    def _holding(self, role: str, unit_id: str, day: date) -> set[str]:
        return {
            person.person_id
            for person in self._store.people.values()
            for a in person.assignments
            if (a.role, a.unit_id) == (role, unit_id) and a.holds_on(day)
        }


class FakeAccounts:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, issuer: str, subject: str) -> Account | None:
        return self._store.accounts.get((issuer, subject))

    async def keep(self, issuer: str, subject: str, person_id: str | None) -> Account | None:
        accounts = self._store.accounts
        own = accounts.get((issuer, subject))
        theirs = {k: a for k, a in accounts.items() if person_id and a.person_id == person_id}
        theirs.pop((issuer, subject), None)
        if any(key[0] == issuer for key in theirs):
            return None
        if own is not None and own.person_id is not None:
            return own if own.person_id == person_id else None
        first = [*theirs.values(), *([own] if own else [])][:1]
        kept = Account(first[0].account_id if first else uuid4(), person_id)
        accounts[issuer, subject] = kept
        return kept


class FakeUnits:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def remember(self, unit_id: str, version: int) -> None:
        self._store.units[unit_id] = max(version, self._store.units.get(unit_id, 0))

    async def known(self) -> set[str]:
        return set(self._store.units)

    async def managers(self) -> dict[str, str]:
        return {unit: manager for unit, (manager, _) in self._store.unit_managers.items()}

    async def assign_manager(self, unit_id: str, manager_id: str, version: int) -> None:
        if self._store.unit_managers.get(unit_id, ("", 0))[1] < version:
            self._store.unit_managers[unit_id] = (manager_id, version)


class FakeUnitOfWork:
    """Keeps what it is given. It has no rollback, because no test here needs one."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.persons: ports.Persons = FakePersons(store)
        self.accounts: ports.Accounts = FakeAccounts(store)
        self.units: ports.Units = FakeUnits(store)

    async def now(self) -> datetime:
        return self.store.now

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return


class FakeSigner:
    def __init__(self) -> None:
        self.signed: list[Mapping[str, Any]] = []

    def sign(self, claims: Mapping[str, Any]) -> str:
        self.signed.append(claims)
        return f"token {len(self.signed)}"
