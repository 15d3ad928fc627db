"""Users and groups as SCIM clients sent them, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Text,
    and_,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.persons import ONE_WRITER_AT_A_TIME
from people_service.adapters.tables import ScimResourceRow
from people_service.application.scim_ports import ScimCondition, ScimKind, ScimResource
from servicekit.db import table

_resources = table(ScimResourceRow)
_FIELDS = (
    *("resource_id", "kind", "person_id", "version", "created", "last_modified"),
    *("content", "comparable"),
)


def _moment(column: ColumnElement[datetime]) -> ColumnElement[str]:
    """As filters write it: moments in this form are in the order of the texts."""
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


_COMPARED = _resources.c.comparable.concat(
    func.jsonb_build_object(
        "id",
        cast(_resources.c.resource_id, Text),
        "meta",
        func.jsonb_build_object(
            "created",
            _moment(_resources.c.created),
            "last_modified",
            _moment(_resources.c.last_modified),
            "resource_type",
            _resources.c.kind,
        ),
    )
)
"""What filters see: `comparable` with the id and the times."""


class SqlScimResources:
    """The port `ScimResources`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        await self._connection.execute(ONE_WRITER_AT_A_TIME)

    async def get(self, kind: ScimKind, resource_id: UUID) -> ScimResource | None:
        return await self._one(_resources.c.kind == kind, _resources.c.resource_id == resource_id)

    async def users(self, resource_ids: Sequence[UUID]) -> list[ScimResource]:
        return await self._all(
            _resources.c.kind == "User", _resources.c.resource_id.in_(resource_ids)
        )

    async def user_named(self, user_name: str) -> ScimResource | None:
        named = _resources.c.comparable["user_name"].astext == user_name
        return await self._one(_resources.c.kind == "User", named)

    async def user_of(self, person_id: str) -> ScimResource | None:
        return await self._one(_resources.c.person_id == person_id)

    async def groups_with(self, member_id: UUID) -> list[ScimResource]:
        member = {"members": [{"value": str(member_id)}]}
        return await self._all(
            _resources.c.kind == "Group", _resources.c.comparable.contains(member)
        )

    async def referring_to(self, user_id: UUID) -> list[ScimResource]:
        named = {"value": str(user_id)}
        led: dict[str, Any] = {"EnterpriseUser": {"manager": named}}
        return await self._all(
            or_(
                _resources.c.comparable.contains({"members": [named]}),
                _resources.c.comparable.contains(led),
            )
        )

    async def add(self, resource: ScimResource) -> None:
        await self._connection.execute(insert(_resources).values(_values(resource)))

    async def replace(self, resource: ScimResource) -> None:
        await self._connection.execute(
            update(_resources)
            .where(_resources.c.resource_id == resource.resource_id)
            .values(_values(resource))
        )

    async def remove(self, resource_id: UUID) -> None:
        await self._connection.execute(
            delete(_resources).where(_resources.c.resource_id == resource_id)
        )

    async def _one(self, *conditions: ColumnElement[bool]) -> ScimResource | None:
        found = await self._all(*conditions)
        return found[0] if found else None

    async def _all(self, *conditions: ColumnElement[bool]) -> list[ScimResource]:
        rows = await self._connection.execute(select(_resources).where(*conditions))
        return [_resource(row) for row in rows]


class SqlScimSearch:
    """The port `ScimSearch`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(
        self, wanted: dict[ScimKind, ScimCondition | None], offset: int, limit: int
    ) -> tuple[list[ScimResource], int]:
        met = or_(*(_meets(kind, condition) for kind, condition in wanted.items()))
        counted = select(func.count()).select_from(_resources).where(met)
        total = (await self._connection.execute(counted)).scalar_one()
        if not limit or offset >= total:
            return [], total
        rows = await self._connection.execute(
            select(_resources)
            .where(met)
            .order_by(_resources.c.created, _resources.c.resource_id)
            .offset(offset)
            .limit(limit)
        )
        return [_resource(row) for row in rows], total


def _meets(kind: ScimKind, condition: ScimCondition | None) -> ColumnElement[bool]:
    of_kind = _resources.c.kind == kind
    if condition is None:
        return of_kind
    terms = [of_kind]
    if condition.contained:
        terms.append(_resources.c.comparable.contains(condition.contained))
    path = literal(condition.path, JSONPATH)
    values = literal(dict(condition.values), JSONB)
    terms.append(func.jsonb_path_match(_COMPARED, path, values))
    return and_(*terms)


def _values(resource: ScimResource) -> dict[str, Any]:
    return {name: getattr(resource, name) for name in _FIELDS}


def _resource(row: Row[Any]) -> ScimResource:
    return ScimResource(**{name: getattr(row, name) for name in _FIELDS})
