"""What the use cases need from outside. Adapters implement these; fakes pass the same tests."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from people_service.domain.delegation import Delegation
from people_service.domain.dissolution import Dissolution
from people_service.domain.events import DomainEvent
from people_service.domain.identities import (
    BindingRefusal,
    KnownIdentity,
    RefusedBinding,
    Released,
)
from people_service.domain.identity_provider import Provider
from people_service.domain.management import Management
from people_service.domain.open_problems import OpenProblem
from people_service.domain.person import Person, Source
from people_service.domain.roles import RoleName


class PageOf(Protocol):
    """Which part of a list is wanted."""

    @property
    def offset(self) -> int: ...

    @property
    def limit(self) -> int: ...


class Persons(Protocol):
    async def all_locked(self) -> dict[str, Person]:
        """All persons by id. Others that change many wait until this transaction ends."""

    async def assigned_locked(self, unit_id: str) -> list[Person]:
        """Those who have or had an assignment in the unit. Imports wait for this transaction."""

    async def one_locked(self, person_id: str) -> Person | None:
        """One of them, if it is known. Imports wait for this transaction."""

    async def save(self, persons: Sequence[Person], source: Source) -> None:
        """Insert or replace them with their assignments of this source.

        Assignments of other sources stay as they are stored.
        """

    async def remove(self, person_id: str) -> bool:
        """Delete a person with all assignments; False if there is none."""

    async def of_ids(self, person_ids: Collection[str]) -> dict[str, Person]:
        """Those that are known, by id."""

    async def with_address(self, email: str) -> list[Person]:
        """Those with this mail address, upper and lower case alike."""

    async def with_hsa_id(self, hsa_id: str) -> Person | None:
        """The one with this HSA id, which is of upper-case letters."""

    async def of_unit(self, unit_id: str, day: date) -> list[str]:
        """Ids of the unit's employees and managers on a day."""

    async def managers_of(self, unit_id: str, day: date) -> list[str]:
        """Ids of the unit's managers and their deputies on a day."""

    async def managers(self, day: date) -> list[str]:
        """Ids of the managers of all units, and their deputies."""

    async def managers_by_unit(self, day: date) -> Mapping[str, set[str]]:
        """Ids of the managers of each unit that has one on a day, without deputies."""

    async def administrators(self, day: date) -> list[str]:
        """Ids of the administrators of the whole region."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody as the platform's tokens name them, before and after it is known who they are."""

    account_id: UUID
    person_id: str | None


class Accounts(Protocol):
    """Who is whom at the identity providers. A person has one identity at each, one account in all.

    A person's account is the one that their first identity was given, so that what was done before
    they were imported stays theirs. It stays theirs also when they are removed and saved again,
    unless an identity took it to somebody else meanwhile, and when an identity is released, which
    is nobody else's then until an administrator says so. An identity is kept only with a token, and
    the account of somebody who has not signed in is made only to be stood in for: so each may have
    acted, and two are never made one here, because four eyes rest on their being two.
    """

    async def find(
        self, issuer: str, subject: str, today: date
    ) -> tuple[Account, Person | None] | None:
        """The account of an identity and whose it is, if it was seen before. It is used today."""

    async def keep(
        self, issuer: str, subject: str, person_id: str | None, today: date
    ) -> Account | BindingRefusal:
        """Remember whose the identity is, and return its account, or why it is not this person's.

        Others that keep one wait for this transaction's end.
        """

    async def of_person(self, person_id: str) -> UUID:
        """The person's account: the one they sign in to, or will."""

    async def of_persons(self, person_ids: Collection[str]) -> Mapping[str, set[UUID]]:
        """The accounts by which these persons may have acted, by id; makes none."""

    async def person_of(self, account: str) -> str | None:
        """The id of the person behind an account, as tokens name it."""


class Delegations(Protocol):
    async def save(self, delegation: Delegation) -> None:
        """Insert it, or store that it has ended."""

    async def get(self, delegation_id: UUID) -> Delegation | None:
        """One of them; others that change it wait for this transaction's end."""

    async def page(self, person_id: str | None, page: PageOf) -> tuple[list[Delegation], int]:
        """Those that a person gave or has, or everybody's; those that end last first."""

    async def to_remind_of(self, today: date, until: date) -> list[Delegation]:
        """Those whose last day is one of these and that were not returned before."""


class RoleGifts(Protocol):
    """Roles for the whole region that an account of nobody known gave by a file: it may be or have
    been the receiver's own. They count when somebody known gives them too: until then the
    assignment `counts` for nobody."""

    async def record(self, roles: Collection[tuple[str, RoleName]], account_id: UUID) -> None:
        """Remember that the account gave these persons these roles."""

    async def confirm(self, roles: Collection[tuple[str, RoleName]]) -> None:
        """Forget these: somebody known gives them too."""

    async def unconfirmed(self) -> set[tuple[str, RoleName]]:
        """Ids of all persons with the roles that they were given so."""


class Joiners(Protocol):
    async def day(self) -> date | None:
        """The day of the last call of `begun`, which may be after this transaction began."""
        ...

    async def begun(self, today: date) -> set[str]:
        """Units to which somebody belongs since a day after that of the last call, until today.

        None if there was no call before. Other calls, and who changes persons, wait until this
        transaction ends; and it waits for theirs.
        """


class Identities(Protocol):
    """What an administrator looks at and decides about identities."""

    async def of_person(self, person_id: str) -> tuple[list[KnownIdentity], list[Released]]:
        """Theirs, and those that were taken from them; in order of the issuer."""

    async def release(self, identity_id: UUID, person_id: str, by: str, reason: str) -> bool:
        """Take the identity from the person for good; False if it is not theirs.

        From then on it is nobody's, with an account of its own, and never theirs again, also if
        they are removed and saved again.
        """

    async def taken(self, identity_id: UUID) -> set[tuple[str, str]]:
        """From which persons a known identity was released, each with the account that did it."""

    async def join(self, identity_id: UUID, person_id: str, account_id: UUID) -> UUID | None:
        """Take an identity that was refused as one of `JOINABLE` for this person's, with the
        person's account; returns the one that it had. None if no such identity waits.

        The caller has the account from `Accounts.of_person`.
        """

    async def refuse(
        self, issuer: str, subject: str, why: BindingRefusal, named: str | None
    ) -> None:
        """Remember that a sign-in was refused, until it succeeds or is not tried for 30 days."""


class Units(Protocol):
    async def remember(self, unit_id: str, version: int) -> bool:
        """Store that there is the unit; False if as new a version is stored."""

    async def dissolve(self, end: Dissolution) -> None:
        """Store that a known unit has ended."""

    async def dissolved(self) -> dict[str, Dissolution]:
        """The units that have ended, by id."""

    async def known(self) -> set[str]:
        """Ids of all known units."""


class Managements(Protocol):
    """What was announced last of who manages each unit."""

    async def all_locked(self) -> dict[str, Management]:
        """All by unit id. Others wait until this transaction ends."""

    async def save(self, managements: Sequence[Management]) -> None:
        """Insert or replace them."""

    async def newcomers(self, unit_id: str) -> frozenset[str]:
        """Ids of those who came with the last change of the unit's managers."""


class Queries(Protocol):
    """Lists in pages. Each returns one page's items, and how many there are on all pages."""

    async def persons(self, page: PageOf) -> tuple[list[Person], int]: ...

    async def open_problems(self, page: PageOf) -> tuple[list[OpenProblem], int]: ...

    async def identities_without_person(self, page: PageOf) -> tuple[list[KnownIdentity], int]: ...

    async def refused_bindings(self, page: PageOf) -> tuple[list[RefusedBinding], int]: ...


class UnitOfWork(Protocol):
    """One transaction. A use case gets it open and never commits."""

    persons: Persons
    accounts: Accounts
    delegations: Delegations
    identities: Identities
    units: Units
    role_gifts: RoleGifts
    joiners: Joiners
    managements: Managements

    async def now(self) -> datetime:
        """When the transaction began, by the database's clock: the one that all processes share."""

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        unit_id: str | None = None,
    ) -> None:
        """Note what the caller does in the audit trail, if somebody calls.

        `unit_id` is the unit in which they may act in another's place; `*` is the whole region.
        """

    def record(self, event: DomainEvent, cause: str | None = None) -> None:
        """Publish the event if, and only if, the transaction commits.

        `cause` is the trace context that it continues; by default the current one.
        """


class TokenRefused(Exception):
    """An identity provider's token is not accepted; the text says why, without the token."""


class BindingRefused(TokenRefused):
    """The identity is not taken for the person whom the token names; an administrator decides."""

    def __init__(self, issuer: str, subject: str, why: BindingRefusal, named: str | None) -> None:
        super().__init__(f"{_REFUSALS[why]} An administrator has to look at it.")
        self.issuer, self.subject, self.why, self.named = issuer, subject, why, named


_REFUSALS: Mapping[BindingRefusal, str] = {
    "another-person": "This identity belongs to another person than the token names.",
    "another-identity": "The person that the token names has another identity at this provider.",
    "another-account": "This identity has acted before it was known whose it is, and the person"
    " that the token names has acted by another account.",
    "released": "This identity was taken from the person that the token names.",
    "released-from-another": "This identity was taken from another person than the token names.",
}


class ProviderUnavailable(Exception):
    """The keys of an identity provider are not available now."""


class ProviderTokens(Protocol):
    """The tokens of the identity providers that this platform trusts."""

    async def verified(self, token: str) -> tuple[Provider, Mapping[str, Any]]:
        """The provider that signed the token, and its claims.

        Raises TokenRefused or ProviderUnavailable.
        """


class TokenSigner(Protocol):
    """Signs the platform's own tokens."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT of these claims, of the type `at+jwt` (RFC 9068)."""
