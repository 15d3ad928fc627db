"""What the use cases need from outside. Adapters implement these; fakes pass the same tests."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from people_service.domain.identity_provider import Provider
from people_service.domain.open_problems import OpenProblem
from people_service.domain.person import Person


class PageOf(Protocol):
    """Which part of a list is wanted."""

    @property
    def offset(self) -> int: ...

    @property
    def limit(self) -> int: ...


class Persons(Protocol):
    async def all_locked(self) -> dict[str, Person]:
        """All persons by id. A second import waits until this transaction ends."""

    async def save(self, persons: Sequence[Person]) -> None:
        """Insert or replace them with their assignments."""

    async def remove(self, person_id: str) -> bool:
        """Delete a person with all assignments; False if there is none."""

    async def of_ids(self, person_ids: Collection[str]) -> dict[str, Person]:
        """Those that are known, by id."""

    async def with_address(self, email: str) -> list[Person]:
        """Those with this mail address, upper and lower case alike."""

    async def of_unit(self, unit_id: str, day: date) -> list[str]:
        """Ids of the unit's employees and managers on a day."""

    async def managers_of(self, unit_id: str, day: date) -> list[str]:
        """Ids of the unit's managers and their deputies on a day.

        The manager whom the workflow service names takes the place of those imported.
        """

    async def managers(self, day: date) -> list[str]:
        """Ids of the managers of all units, and their deputies."""

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
    they were imported stays theirs.
    """

    async def find(self, issuer: str, subject: str) -> Account | None:
        """The account of an identity, if it was seen before."""

    async def keep(self, issuer: str, subject: str, person_id: str | None) -> Account | None:
        """Remember whose the identity is, and return its account.

        None if the person has another identity at this provider, or the identity is another
        person's. Others that keep one wait for this transaction's end.
        """


class Units(Protocol):
    async def remember(self, unit_id: str, version: int) -> None:
        """Store that there is the unit, unless a newer version is stored."""

    async def known(self) -> set[str]:
        """Ids of all known units."""

    async def managers(self) -> dict[str, str]:
        """The manager named for each unit, by unit id."""

    async def assign_manager(self, unit_id: str, manager_id: str, version: int) -> None:
        """Store the manager, unless a newer version is stored."""


class Queries(Protocol):
    """Lists in pages. Each returns one page's items, and how many there are on all pages."""

    async def persons(self, page: PageOf) -> tuple[list[Person], int]: ...

    async def open_problems(self, page: PageOf) -> tuple[list[OpenProblem], int]: ...


class UnitOfWork(Protocol):
    """One transaction. A use case gets it open and never commits."""

    persons: Persons
    accounts: Accounts
    units: Units

    async def now(self) -> datetime:
        """When the transaction began, by the database's clock: the one that all processes share."""


class TokenRefused(Exception):
    """An identity provider's token is not accepted; the text says why, without the token."""


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
