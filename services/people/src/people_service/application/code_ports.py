"""What the use cases about one-time codes need from outside, besides what all need."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from people_service.application import ports
from people_service.domain.guessing import Failures
from people_service.domain.person import Person


class UnitScope(Protocol):
    """The units whose affairs a caller may see: `units` alone, and `trees` with all below them."""

    @property
    def trees(self) -> frozenset[str]: ...

    @property
    def units(self) -> frozenset[str]: ...


Scope = UnitScope | None
"""None is for all units."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round as the assessment service last reported it, at `as_of`."""

    round_id: UUID
    unit_id: str
    closes_at: datetime
    is_open: bool
    as_of: datetime


class Rounds(Protocol):
    async def remember(self, round_: Round) -> None:
        """Store it unless a newer report is stored. A round that has closed stays closed."""

    async def locked(self, round_id: UUID) -> Round | None:
        """Whoever else asks for it or remembers it waits until this transaction ends."""


@dataclass(frozen=True, slots=True)
class Code:
    """What is stored of a code: whom it stands for, and nothing of who has it or has used it."""

    digest: bytes
    round_id: UUID
    subject: UUID


class Codes(Protocol):
    async def add(self, codes: Collection[Code]) -> None:
        """Store them in an order that says nothing of that of the given."""

    async def count(self, round_id: UUID) -> int:
        """How many have been issued for the round."""

    async def find(self, digest: bytes) -> tuple[Code, Round] | None:
        """The code with its round, open or not."""

    async def forget(self, round_id: UUID) -> None:
        """Delete the codes of a round."""


class FailedAttempts(Protocol):
    async def seen(self, places: Collection[str]) -> Mapping[str, Failures]:
        """Those from each place, none included."""

    async def locked(self, place: str) -> Failures:
        """Whoever else asks for these waits until this transaction ends."""

    async def save(self, place: str, failures: Failures) -> None: ...

    async def forget(self, before: datetime) -> None:
        """Delete those from before."""


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """Where a unit stands in the organisation."""

    unit_id: str
    parent_id: str | None
    name: str
    version: int


class UnitTree(Protocol):
    async def place(self, unit: UnitPlace) -> None:
        """Store it, unless a newer version is stored."""

    async def path(self, unit_id: str) -> frozenset[str]:
        """The unit's id, and those of all known units above it."""

    async def name(self, unit_id: str) -> str:
        """The unit's name; its id if it is not known."""


class Employees(Protocol):
    async def of_unit(self, unit_id: str, day: date) -> Sequence[Person]:
        """Those who are employees of the unit on a day."""


class CodesUnitOfWork(ports.UnitOfWork, Protocol):
    """One transaction. A use case gets it open and never commits."""

    rounds: Rounds
    codes: Codes
    failed_attempts: FailedAttempts
    unit_tree: UnitTree
    employees: Employees
