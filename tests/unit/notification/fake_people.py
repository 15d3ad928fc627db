"""The people service and the units, in memory."""

from collections.abc import Collection

from notification_service.application.ports import PeopleUnavailable
from notification_service.domain.contact import Contact
from unit.notification.fake_store import Store


class FakePeople:
    """The ports `Recipients` and `Contacts`; can be down."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.down = False

    async def of_unit(self, unit_id: str) -> list[str]:
        return self._holding({("employee", unit_id), ("manager", unit_id)})

    async def managers_of(self, unit_id: str) -> list[str]:
        return self._holding({("manager", unit_id)})

    async def managers(self) -> list[str]:
        units = {unit for person in self._store.people.values() for _, unit in person.assignments}
        return self._holding({("manager", unit) for unit in units})

    async def administrators(self) -> list[str]:
        return self._holding({("administrator", "")})

    async def of(self, recipient_ids: Collection[str]) -> dict[str, Contact]:
        if self.down:
            raise PeopleUnavailable("down")
        people = self._store.people
        return {id_: people[id_].contact for id_ in recipient_ids if id_ in people}

    def _holding(self, wanted: set[tuple[str, str]]) -> list[str]:
        people = self._store.people.items()
        return sorted(id_ for id_, person in people if person.assignments & wanted)


class FakeUnits:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def remember(self, unit_id: str, name: str, version: int) -> None:
        if self._store.unit_names.get(unit_id, ("", 0))[1] < version:
            self._store.unit_names[unit_id] = (name, version)

    async def assign_manager(self, unit_id: str, manager_id: str, version: int) -> str | None:
        before, seen = self._store.unit_managers.get(unit_id, (None, 0))
        if seen >= version:
            return None
        self._store.unit_managers[unit_id] = (manager_id, version)
        return before if before != manager_id else None
