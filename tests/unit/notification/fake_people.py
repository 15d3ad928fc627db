"""Recipients and units in memory."""

from collections.abc import Sequence

from notification_service.domain.recipient import Recipient

from unit.notification.fake_store import Store


class FakeRecipients:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all_locked(self) -> dict[str, Recipient]:
        return dict(sorted(self._store.people.items()))

    async def save(self, recipients: Sequence[Recipient]) -> None:
        self._store.people |= {recipient.recipient_id: recipient for recipient in recipients}

    async def remove(self, recipient_id: str) -> bool:
        return self._store.people.pop(recipient_id, None) is not None

    async def of_unit(self, unit_id: str) -> list[str]:
        employees = self._holding("employee", unit_id)
        return sorted({*employees, *await self.managers_of(unit_id)})

    async def managers_of(self, unit_id: str) -> list[str]:
        if unit_id in self._store.unit_managers:
            manager = self._store.unit_managers[unit_id][0]
            return [manager] if manager in self._store.people else []
        return sorted(self._holding("manager", unit_id))

    async def managers(self) -> list[str]:
        units = {a.unit_id for person in self._store.people.values() for a in person.assignments}
        found = {m for unit in {*units, *self._store.unit_managers} for m in await self._of(unit)}
        return sorted(found)

    async def _of(self, unit_id: str) -> list[str]:
        return await self.managers_of(unit_id)

    async def administrators(self) -> list[str]:
        return sorted(self._holding("administrator", ""))

    def _holding(self, role: str, unit_id: str) -> set[str]:
        return {
            person.recipient_id
            for person in self._store.people.values()
            if any((a.role, a.unit_id) == (role, unit_id) for a in person.assignments)
        }


class FakeUnits:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def remember(self, unit_id: str, name: str, version: int) -> None:
        if self._store.unit_names.get(unit_id, ("", 0))[1] < version:
            self._store.unit_names[unit_id] = (name, version)

    async def known(self) -> set[str]:
        return set(self._store.unit_names)

    async def managers(self) -> dict[str, str]:
        return {unit: manager for unit, (manager, _) in self._store.unit_managers.items()}

    async def assign_manager(self, unit_id: str, manager_id: str, version: int) -> str | None:
        before, seen = self._store.unit_managers.get(unit_id, (None, 0))
        if seen >= version:
            return None
        self._store.unit_managers[unit_id] = (manager_id, version)
        return before if before != manager_id else None
