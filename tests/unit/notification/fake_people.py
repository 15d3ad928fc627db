"""The people service and the units, in memory."""

from collections.abc import Collection, Mapping
from uuid import UUID

from notification_service.application.ports import Erased, ErasureUnknown, PeopleUnavailable
from notification_service.application.round_ports import Addressee
from notification_service.domain.contact import Contact
from unit.notification.fake_store import Store


class FakePeople:
    """The ports `People`, `Contacts` and `Addressees`.

    It can be down, or take some confirmations only.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.down = False
        self.refused: set[UUID] = set()
        self.never_signed_in: set[str] = set()
        self.asked_about: list[list[str]] = []

    async def of_unit(self, unit_id: str) -> list[str]:
        return self._holding({("employee", unit_id), ("manager", unit_id)})

    async def managers_of(self, unit_id: str) -> list[str]:
        return self._holding({("manager", unit_id)})

    async def new_managers_of(self, unit_id: str) -> list[str]:
        return self._store.new_managers.get(unit_id, [])

    async def managers(self) -> list[str]:
        units = {unit for person in self._store.people.values() for _, unit in person.assignments}
        return self._holding({("manager", unit) for unit in units})

    async def of_delegation(self, delegation_id: UUID) -> list[str]:
        return self._store.delegations.get(delegation_id, [])

    async def administrators(self) -> list[str]:
        return self._holding({("administrator", "")})

    async def of(self, recipient_ids: Collection[str]) -> dict[str, Contact]:
        if self.down:
            raise PeopleUnavailable("down")
        people = self._store.people
        return {id_: people[id_].contact for id_ in recipient_ids if id_ in people}

    async def addressees(self, recipient_ids: Collection[str]) -> dict[str, Addressee]:
        """Everybody's token names them by their id in capitals, except who never signed in."""
        self.asked_about.append(sorted(recipient_ids))
        return {
            id_: Addressee(contact, [] if id_ in self.never_signed_in else [id_.upper()])
            for id_, contact in (await self.of(recipient_ids)).items()
        }

    async def erased(self, erasure_id: UUID) -> Erased | None:
        if self.down:
            raise PeopleUnavailable("down")
        self._require_known(erasure_id)
        person_id = self._store.to_forget[erasure_id]
        return None if person_id is None else Erased(person_id, [])

    async def confirm(self, erasure_id: UUID, rows: Mapping[str, int]) -> None:
        if self.down or erasure_id in self.refused:
            raise PeopleUnavailable("down")
        self._require_known(erasure_id)
        self._store.to_forget[erasure_id] = None

    def _require_known(self, erasure_id: UUID) -> None:
        if erasure_id not in self._store.to_forget:
            raise ErasureUnknown(f"erasure {erasure_id}")

    def _holding(self, wanted: set[tuple[str, str]]) -> list[str]:
        people = self._store.people.items()
        return sorted(id_ for id_, person in people if person.assignments & wanted)


class FakeErasures:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def remove(self, erasure_id: UUID, erased: Erased) -> Mapping[str, int]:
        store = self._store
        gone = {id_ for id_, one in store.messages.items() if one.recipient_id == erased.person_id}
        kept = [one for one in store.attempts if one.item_id not in gone]
        invited = [one for one in store.invitations if one[0] == erased.person_id]
        counts = {
            "messages": len(gone),
            "attempts": len(store.attempts) - len(kept),
            "invitations": len(invited),
        }
        for one in invited:
            del store.invitations[one]
        for message_id in gone:
            del store.messages[message_id]
        store.attempts[:] = kept
        return counts

    async def to_confirm(self, erasure_id: UUID, rows: Mapping[str, int]) -> None:
        self._store.unconfirmed.setdefault(erasure_id, rows)

    async def unconfirmed(self) -> Mapping[UUID, Mapping[str, int]]:
        return dict(self._store.unconfirmed)

    async def confirmed(self, erasure_id: UUID) -> None:
        self._store.unconfirmed.pop(erasure_id, None)


class FakeUnits:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def remember(self, unit_id: str, name: str, version: int) -> None:
        if self._store.unit_names.get(unit_id, ("", 0))[1] < version:
            self._store.unit_names[unit_id] = (name, version)
