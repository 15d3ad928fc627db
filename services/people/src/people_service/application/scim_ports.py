"""What the use cases of SCIM need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from people_service.application.ports import UnitOfWork
from people_service.domain.scim import Json

ScimKind = Literal["User", "Group"]


@dataclass(frozen=True, slots=True)
class ScimResource:
    """A user or a group as a client sent it.

    `comparable` has the values in the form in which filters compare them. `person_id` is the person
    that a user stands for. `version` counts changes from 1.
    """

    resource_id: UUID
    kind: ScimKind
    person_id: str | None
    version: int
    created: datetime
    last_modified: datetime
    content: Json
    comparable: Json


@dataclass(frozen=True, slots=True)
class ScimCondition:
    """A filter as an SQL/JSON path predicate over `comparable`, with its variables.

    `contained` is what `comparable` must contain besides, for an index to find; empty for nothing.
    """

    path: str
    values: Json = field(default_factory=dict)
    contained: Json = field(default_factory=dict)


class ScimResources(Protocol):
    async def lock(self) -> None:
        """Wait until no other transaction changes persons, and let others wait for this one."""

    async def get(self, kind: ScimKind, resource_id: UUID) -> ScimResource | None:
        """The user or the group, if there is one."""

    async def users(self, resource_ids: Sequence[UUID]) -> list[ScimResource]:
        """Those of the users that there are."""

    async def user_named(self, user_name: str) -> ScimResource | None:
        """The user with this name, in the form for comparisons."""

    async def user_of(self, person_id: str) -> ScimResource | None:
        """The user who stands for the person."""

    async def groups_with(self, member_id: UUID) -> list[ScimResource]:
        """The groups that list this member."""

    async def referring_to(self, user_id: UUID) -> list[ScimResource]:
        """The groups that list this user, and the users whose manager it is."""

    async def add(self, resource: ScimResource) -> None:
        """Store a new one."""

    async def replace(self, resource: ScimResource) -> None:
        """Store a changed one in the place of the former."""

    async def remove(self, resource_id: UUID) -> None:
        """Delete it."""


class ScimSearch(Protocol):
    async def find(
        self, wanted: dict[ScimKind, ScimCondition | None], offset: int, limit: int
    ) -> tuple[list[ScimResource], int]:
        """One page of those that meet their kind's condition, in the order in which they were
        created, and how many there are on all pages."""


class ScimUnitOfWork(UnitOfWork, Protocol):
    """One transaction with the resources of SCIM."""

    scim: ScimResources
    scim_search: ScimSearch
