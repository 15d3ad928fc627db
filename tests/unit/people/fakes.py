"""The ports in memory; port_scenarios checks them and PostgreSQL alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from people_service.application import ports, scim_ports
from people_service.application.ports import Account
from people_service.application.scim_ports import ScimKind, ScimResource
from people_service.domain.delegation import STOOD_IN_FOR, Delegation
from people_service.domain.dissolution import Dissolution
from people_service.domain.events import DomainEvent
from people_service.domain.identities import JOINABLE, BindingRefusal, KnownIdentity, Released
from people_service.domain.management import Management
from people_service.domain.membership import MEMBERS
from people_service.domain.person import Assignment, Person, Source
from people_service.domain.roles import RoleName
from unit.people.builders import NOW


@dataclass
class Store:
    """What the fake database holds, and its clock."""

    now: datetime = NOW
    people: dict[str, Person] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    identities: dict[tuple[str, str], KnownIdentity] = field(default_factory=dict)
    released: dict[tuple[str, str, str], tuple[UUID, Released]] = field(default_factory=dict)
    refused: dict[tuple[str, str], tuple[BindingRefusal, str | None]] = field(default_factory=dict)
    former: dict[tuple[str, str], str] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    dissolved: dict[str, Dissolution] = field(default_factory=dict)
    managements: dict[str, Management] = field(default_factory=dict)
    role_gifts: dict[tuple[str, RoleName], UUID] = field(default_factory=dict)
    announced: date | None = None
    recorded: list[DomainEvent] = field(default_factory=list)
    delegations: dict[UUID, Delegation] = field(default_factory=dict)
    reminded: set[UUID] = field(default_factory=set)
    scim: dict[UUID, ScimResource] = field(default_factory=dict)
    audited: list[tuple[str, str]] = field(default_factory=list)

    def known(self) -> dict[str, Person]:
        """Everybody with what they hold, also in another's place, and whether it counts."""
        return {id_: self._with_delegations(one) for id_, one in sorted(self.people.items())}

    def _with_gifts(self, person: Person) -> Person:
        held = frozenset(
            replace(one, counts=(one.source, one.unit_id) != ("import", ""))
            if (person.person_id, one.role) in self.role_gifts
            else one
            for one in person.assignments
        )
        return replace(person, assignments=held)

    def _with_delegations(self, person: Person) -> Person:
        delegated = {
            Assignment(
                one.role,
                one.unit_id,
                max(filter(None, (one.valid_from, basis.valid_from))),
                min(filter(None, (one.valid_to, basis.valid_to, _day_before(one.ended_on)))),
                "delegation",
                one.standing_for,
            )
            for one in self.delegations.values()
            if one.delegate_id == person.person_id and one.principal_id in self.people
            for basis in self._with_gifts(self.people[one.principal_id]).assignments
            if (basis.role, basis.unit_id) == (STOOD_IN_FOR[one.role], one.unit_id) and basis.counts
        }
        own = self._with_gifts(person).assignments
        return replace(person, assignments=own | delegated)


def _day_before(day: date | None) -> date | None:
    return day - timedelta(days=1) if day else None


class FakePersons:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all_locked(self) -> dict[str, Person]:
        return self._store.known()

    async def assigned_locked(self, unit_id: str) -> list[Person]:
        return [
            person
            for person in self._store.people.values()
            if any(one.unit_id == unit_id for one in person.assignments)
        ]

    async def one_locked(self, person_id: str) -> Person | None:
        return self._store.known().get(person_id)

    async def save(self, persons: Sequence[Person], source: Source) -> None:
        for one in persons:
            before = self._store.people.get(one.person_id, one)
            others = {held for held in before.assignments if held.source != source}
            both = frozenset(others | one.as_from(source).assignments)
            self._store.people[one.person_id] = replace(one, assignments=both)

    async def remove(self, person_id: str) -> bool:
        for key, account in self._store.accounts.items():
            if account.person_id == person_id:
                self._store.accounts[key] = replace(account, person_id=None)
                self._store.former[key] = person_id
        for resource in [one for one in self._store.scim.values() if one.person_id == person_id]:
            del self._store.scim[resource.resource_id]
        for gift in [one for one in self._store.role_gifts if one[0] == person_id]:
            del self._store.role_gifts[gift]
        return self._store.people.pop(person_id, None) is not None

    async def of_ids(self, person_ids: Collection[str]) -> dict[str, Person]:
        known = self._store.known()
        return {id_: known[id_] for id_ in person_ids if id_ in known}

    async def with_address(self, email: str) -> list[Person]:
        return [p for p in self._store.known().values() if p.email.lower() == email.lower()]

    async def with_hsa_id(self, hsa_id: str) -> Person | None:
        return next((p for p in self._store.known().values() if p.hsa_id == hsa_id), None)

    async def of_unit(self, unit_id: str, day: date) -> list[str]:
        employees = self._holding("employee", unit_id, day)
        return sorted({*employees, *await self.managers_of(unit_id, day)})

    async def managers_of(self, unit_id: str, day: date) -> list[str]:
        roles = ("manager", "deputy")
        return sorted(who for role in roles for who in self._holding(role, unit_id, day))

    async def managers(self, day: date) -> list[str]:
        units = {a.unit_id for person in self._store.people.values() for a in person.assignments}
        of_each = [await self.managers_of(u, day) for u in units]
        return sorted({manager for managers in of_each for manager in managers})

    async def managers_by_unit(self, day: date) -> Mapping[str, set[str]]:
        units = {a.unit_id for person in self._store.people.values() for a in person.assignments}
        found = {unit_id: self._holding("manager", unit_id, day) for unit_id in units}
        return {unit_id: managers for unit_id, managers in found.items() if managers}

    async def administrators(self, day: date) -> list[str]:
        return sorted(self._holding("administrator", "", day))

    def _holding(self, role: str, unit_id: str, day: date) -> set[str]:
        return {
            person.person_id
            for person in self._store.known().values()
            for a in person.assignments
            if (a.role, a.unit_id) == (role, unit_id) and a.holds_on(day)
        }


class FakeAccounts:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(
        self, issuer: str, subject: str, today: date
    ) -> tuple[Account, Person | None] | None:
        account = self._store.accounts.get((issuer, subject))
        if account is None:
            return None
        known = self._store.identities[issuer, subject]
        last = max(known.last_used, today)
        self._store.identities[issuer, subject] = replace(known, last_used=last)
        return account, self._store.known().get(account.person_id or "")

    async def keep(
        self, issuer: str, subject: str, person_id: str | None, today: date
    ) -> Account | BindingRefusal:
        accounts = self._store.accounts
        own = accounts.get((issuer, subject))
        theirs = {k: a for k, a in accounts.items() if person_id and a.person_id == person_id}
        theirs.pop((issuer, subject), None)
        if any(key[0] == issuer for key in theirs):
            return "another-identity"
        if own is not None and (own.person_id is not None or person_id is None):
            return own if own.person_id == person_id else "another-person"
        if (issuer, subject, person_id) in self._store.released:
            return "released"
        if person_id and any(k[:2] == (issuer, subject) for k in self._store.released):
            return "released-from-another"
        first = self._account_of(person_id) if person_id else None
        if own is not None and issuer:
            if first is None and await self.person_of(str(own.account_id)) is None:
                first = own.account_id
            if first != own.account_id:
                return "another-account"
        kept = Account(first or uuid4(), person_id)
        accounts[issuer, subject] = kept
        self._store.former.pop((issuer, subject), None)
        self._store.identities.setdefault(
            (issuer, subject), KnownIdentity(uuid4(), issuer, subject, today, today)
        )
        self._store.refused.pop((issuer, subject), None)
        return kept

    def _account_of(self, person_id: str) -> UUID | None:
        store = self._store
        had = [one.account_id for one in store.accounts.values() if one.person_id == person_id]
        had += [a for (*_, whose), (a, _) in store.released.items() if whose == person_id]
        had += [
            store.accounts[key].account_id
            for key, whose in store.former.items()
            if whose == person_id and (*key, person_id) not in store.released
        ]
        others = {
            one.account_id
            for one in store.accounts.values()
            if one.person_id not in (None, person_id)
        }
        return next((one for one in had if one not in others), None)

    async def of_person(self, person_id: str) -> UUID:
        account = await self.keep("", person_id, person_id, date.min)
        assert isinstance(account, Account)
        return account.account_id

    async def of_persons(self, person_ids: Collection[str]) -> Mapping[str, set[UUID]]:
        accounts = self._store.accounts.values()
        had = [(one.person_id, one.account_id) for one in accounts if one.person_id]
        had += [(whose, account) for (*_, whose), (account, _) in self._store.released.items()]
        found: dict[str, set[UUID]] = {}
        for whose, account_id in had:
            if whose in person_ids:
                found.setdefault(whose, set()).add(account_id)
        return found

    async def person_of(self, account: str) -> str | None:
        known = self._store.accounts.values()
        whose = (one.person_id for one in known if str(one.account_id) == account)
        return next(filter(None, whose), None)


class FakeDelegations:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def save(self, delegation: Delegation) -> None:
        self._store.delegations[delegation.delegation_id] = delegation

    async def get(self, delegation_id: UUID) -> Delegation | None:
        return self._store.delegations.get(delegation_id)

    async def page(self, person_id: str | None, page: ports.PageOf) -> tuple[list[Delegation], int]:
        found = [
            one
            for one in self._store.delegations.values()
            if person_id is None or one.concerns(person_id)
        ]
        found.sort(key=lambda one: (-one.valid_to.toordinal(), str(one.delegation_id)))
        return found[page.offset : page.offset + page.limit], len(found)

    async def to_remind_of(self, today: date, until: date) -> list[Delegation]:
        found = [
            one
            for one in self._store.delegations.values()
            if today <= one.valid_to <= until
            and one.ended_on is None
            and one.delegation_id not in self._store.reminded
        ]
        self._store.reminded |= {one.delegation_id for one in found}
        return found


class FakeIdentities:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_person(self, person_id: str) -> tuple[list[KnownIdentity], list[Released]]:
        store = self._store
        theirs = [
            store.identities[k]
            for k, a in store.accounts.items()
            if a.person_id == person_id and k[0]
        ]
        taken = [one for (*_, whose), (_, one) in store.released.items() if whose == person_id]
        return sorted(theirs, key=lambda one: one.issuer), taken

    async def release(self, identity_id: UUID, person_id: str, by: str, reason: str) -> bool:
        store = self._store
        for one in (await self.of_person(person_id))[0]:
            if one.identity_id == identity_id:
                key = (one.issuer, one.subject)
                released = Released(*key, store.now, by, reason)
                store.released[*key, person_id] = (store.accounts[key].account_id, released)
                store.accounts[key] = Account(uuid4(), None)
                store.refused = {
                    k: r
                    for k, r in store.refused.items()
                    if k != key and (k[0], r[1]) != (key[0], person_id)
                }
                return True
        return False

    async def taken(self, identity_id: UUID) -> set[tuple[str, str]]:
        keys = {k for k, one in self._store.identities.items() if one.identity_id == identity_id}
        return {
            (key[2], one.released_by)
            for key, (_, one) in self._store.released.items()
            if key[:2] in keys
        }

    async def join(self, identity_id: UUID, person_id: str, account_id: UUID) -> UUID | None:
        store = self._store
        for key, one in store.identities.items():
            before = store.accounts[key]
            waits = store.refused.get(key) in [(why, person_id) for why in JOINABLE]
            if one.identity_id == identity_id and waits and before.person_id is None:
                theirs = {k for k, a in store.accounts.items() if a.person_id == person_id}
                if any(issuer == key[0] for issuer, _ in theirs):
                    return None
                store.accounts[key] = Account(account_id, person_id)
                store.former.pop(key, None)
                del store.refused[key]
                return before.account_id
        return None

    async def refuse(
        self, issuer: str, subject: str, why: BindingRefusal, named: str | None
    ) -> None:
        self._store.refused[issuer, subject] = (why, named)


class FakeUnits:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def remember(self, unit_id: str, version: int) -> bool:
        newer = version > self._store.units.get(unit_id, 0)
        if newer:
            self._store.units[unit_id] = version
        return newer

    async def dissolve(self, end: Dissolution) -> None:
        self._store.dissolved[end.unit_id] = end

    async def dissolved(self) -> dict[str, Dissolution]:
        return dict(self._store.dissolved)

    async def known(self) -> set[str]:
        return set(self._store.units)


class FakeManagements:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all_locked(self) -> dict[str, Management]:
        return dict(self._store.managements)

    async def save(self, managements: Sequence[Management]) -> None:
        self._store.managements |= {one.unit_id: one for one in managements}

    async def newcomers(self, unit_id: str) -> frozenset[str]:
        known = self._store.managements.get(unit_id)
        return known.newcomers if known else frozenset()


class FakeScimResources:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def lock(self) -> None:
        return

    async def get(self, kind: ScimKind, resource_id: UUID) -> ScimResource | None:
        found = self._store.scim.get(resource_id)
        return found if found and found.kind == kind else None

    async def users(self, resource_ids: Sequence[UUID]) -> list[ScimResource]:
        return [one for one in self._of("User") if one.resource_id in resource_ids]

    async def user_named(self, user_name: str) -> ScimResource | None:
        named = (u for u in self._of("User") if u.comparable["user_name"] == user_name)
        return next(named, None)

    async def user_of(self, person_id: str) -> ScimResource | None:
        return next((u for u in self._of("User") if u.person_id == person_id), None)

    async def groups_with(self, member_id: UUID) -> list[ScimResource]:
        def listed(group: ScimResource) -> bool:
            members = group.comparable.get("members", [])
            return str(member_id) in [one["value"] for one in members]

        return [group for group in self._of("Group") if listed(group)]

    async def referring_to(self, user_id: UUID) -> list[ScimResource]:
        led = [
            one
            for one in self._of("User")
            if one.comparable.get("EnterpriseUser", {}).get("manager", {}).get("value")
            == str(user_id)
        ]
        return [*await self.groups_with(user_id), *led]

    async def add(self, resource: ScimResource) -> None:
        self._store.scim[resource.resource_id] = resource

    async def replace(self, resource: ScimResource) -> None:
        self._store.scim[resource.resource_id] = resource

    async def remove(self, resource_id: UUID) -> None:
        self._store.scim.pop(resource_id, None)

    def _of(self, kind: ScimKind) -> list[ScimResource]:
        return [one for one in self._store.scim.values() if one.kind == kind]


class FakeScimSearch:
    """Filters are PostgreSQL's affair."""

    async def find(
        self, wanted: dict[ScimKind, scim_ports.ScimCondition | None], offset: int, limit: int
    ) -> tuple[list[ScimResource], int]:
        raise NotImplementedError


class FakeRoleGifts:
    def __init__(self, store: Store) -> None:
        self._gifts = store.role_gifts

    async def record(self, roles: Collection[tuple[str, RoleName]], account_id: UUID) -> None:
        self._gifts.update(dict.fromkeys(roles, account_id))

    async def confirm(self, roles: Collection[tuple[str, RoleName]]) -> None:
        for one in roles:
            self._gifts.pop(one, None)

    async def unconfirmed(self) -> set[tuple[str, RoleName]]:
        return set(self._gifts)


class FakeJoiners:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def day(self) -> date | None:
        return self._store.announced

    async def begun(self, today: date) -> set[str]:
        before, self._store.announced = self._store.announced, today
        return {
            one.unit_id
            for person in self._store.people.values()
            for one in person.assignments
            if before and one.role in MEMBERS
            if one.valid_from and before < one.valid_from <= today
        }


class FakeUnitOfWork:
    """Keeps what it is given. It has no rollback, because no test here needs one."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.persons: ports.Persons = FakePersons(store)
        self.accounts: ports.Accounts = FakeAccounts(store)
        self.delegations: ports.Delegations = FakeDelegations(store)
        self.identities: ports.Identities = FakeIdentities(store)
        self.units: ports.Units = FakeUnits(store)
        self.scim: scim_ports.ScimResources = FakeScimResources(store)
        self.scim_search: scim_ports.ScimSearch = FakeScimSearch()
        self.role_gifts: ports.RoleGifts = FakeRoleGifts(store)
        self.joiners: ports.Joiners = FakeJoiners(store)
        self.managements: ports.Managements = FakeManagements(store)

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        unit_id: str | None = None,
    ) -> None:
        self.store.audited.append((action, subject))

    async def now(self) -> datetime:
        return self.store.now

    def record(self, event: DomainEvent, cause: str | None = None) -> None:
        self.store.recorded.append(event)

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
