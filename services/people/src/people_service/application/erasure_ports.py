"""What the use cases of erasure need from outside, besides what all need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from people_service.application import ports
from people_service.domain.erasure import Erasure

Removed = Mapping[str, int]
"""How many rows, by table."""


@dataclass(frozen=True, slots=True)
class Naming:
    """By what stored texts name a person.

    `words` are their id, name, address, phone number and HSA id, also former ones and those of
    their SCIM user, and what providers call them. `resource_ids` are those of their SCIM user.
    """

    person_id: str
    words: frozenset[str]
    resource_ids: frozenset[UUID]


class Erasures(Protocol):
    async def locked_naming(self, given_id: str) -> Naming | None:
        """By what the person is named here; also of somebody who is not known any more. None if
        nothing names them.

        As at a sign-in, an id of upper-case letters also names the person whose id an import made
        lower-case.

        Audit lines that name them are searched for first. Then whoever changes persons or keeps an
        identity waits until this transaction ends.
        """

    def mentioned(self, sentence: str, naming: Naming) -> bool:
        """Whether a sentence names them, as free texts are searched."""

    async def remove_person(self, naming: Naming) -> Removed:
        """Delete the person and every row that is about nobody else.

        `managements` are those that name them; `announce_managers` has to follow.
        """

    async def remove_mentions(self, naming: Naming) -> Removed:
        """Take them out of rows that are about others too: what stays names them no more.

        Stored answers become empty.
        """

    async def erase_audit_lines(self, naming: Naming) -> Sequence[int]:
        """Take the details from audit lines that name them; the lines' numbers.

        `locked_naming` has to come before. Lines that say what was erased stay.
        """

    async def save(self, erasure: Erasure) -> None:
        """Insert or replace it."""

    async def locked(self, erasure_id: UUID) -> Erasure | None:
        """One of them; others that change it wait for this transaction's end."""

    async def page(self, page: ports.PageOf) -> tuple[Sequence[Erasure], int]:
        """One page, the newest first, and how many there are on all pages."""


class ErasureUnitOfWork(ports.UnitOfWork, Protocol):
    """One transaction with the erasures."""

    erasures: Erasures
