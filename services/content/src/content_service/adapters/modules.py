"""Modules and their published versions in PostgreSQL."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.module_documents import content_document, to_content
from content_service.adapters.tables import ModuleRow, ModuleVersionRow
from content_service.application.ports import PageOf
from content_service.domain.module import Behaviour, Module, Phase, PublishedModule
from servicekit.db import table

_modules = table(ModuleRow)
_versions = table(ModuleVersionRow)
_newest = select(_versions).join(
    _modules,
    (_modules.c.module_id == _versions.c.module_id) & (_modules.c.version == _versions.c.version),
)


class SqlModules:
    """The port `Modules`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, module: Module) -> bool:
        statement = insert(_modules).values(_module_values(module)).on_conflict_do_nothing()
        added = await self._connection.execute(statement)
        return added.rowcount == 1

    async def get(self, module_id: str) -> Module | None:
        return await self._one(select(_modules).where(_modules.c.module_id == module_id))

    async def lock(self, module_id: str) -> Module | None:
        found = select(_modules).where(_modules.c.module_id == module_id)
        return await self._one(found.with_for_update())

    async def _one(self, query: Select[Any]) -> Module | None:
        row = (await self._connection.execute(query)).one_or_none()
        return _module(row) if row else None

    async def save(self, module: Module) -> None:
        same = _modules.c.module_id == module.module_id
        statement = update(_modules).where(same).values(_module_values(module))
        await self._connection.execute(statement)

    async def add_version(self, published: PublishedModule) -> None:
        statement = insert(_versions).values(
            module_id=published.module_id,
            version=published.version,
            content=content_document(published.content),
            content_hash=published.content_hash,
            published_at=published.published_at,
        )
        await self._connection.execute(statement)

    async def get_version(self, module_id: str, version: int) -> PublishedModule | None:
        query = select(_versions).where(
            _versions.c.module_id == module_id, _versions.c.version == version
        )
        row = (await self._connection.execute(query)).one_or_none()
        return _published(row) if row else None

    async def newest(self, module_ids: Collection[str]) -> Mapping[str, PublishedModule]:
        query = _newest.where(_versions.c.module_id.in_(module_ids))
        rows = await self._connection.execute(query)
        return {row.module_id: _published(row) for row in rows}

    async def page(
        self, behaviour: Behaviour | None, phase: Phase | None, page: PageOf
    ) -> tuple[list[PublishedModule], int]:
        query = _newest
        if behaviour is not None:
            query = query.where(_versions.c.content["behaviours"].contains([behaviour]))
        if phase is not None:
            query = query.where(_versions.c.content["phase"].astext == phase)
        total = await self._connection.scalar(select(func.count()).select_from(query.subquery()))
        ordered = query.order_by(_versions.c.module_id).offset(page.offset).limit(page.limit)
        rows = await self._connection.execute(ordered)
        return [_published(row) for row in rows], total or 0

    async def drafts(self, page: PageOf) -> tuple[list[Module], int]:
        total = await self._connection.scalar(select(func.count()).select_from(_modules))
        ordered = select(_modules).order_by(_modules.c.module_id)
        rows = await self._connection.execute(ordered.offset(page.offset).limit(page.limit))
        return [_module(row) for row in rows], total or 0


def _module_values(module: Module) -> dict[str, Any]:
    return {
        "module_id": module.module_id,
        "draft": content_document(module.draft),
        "version": module.version,
        "published_hash": module.published_hash,
    }


def _module(row: Row[Any]) -> Module:
    return Module(row.module_id, to_content(row.draft), row.version, row.published_hash)


def _published(row: Row[Any]) -> PublishedModule:
    return PublishedModule(
        module_id=row.module_id,
        version=row.version,
        content=to_content(row.content),
        content_hash=row.content_hash,
        published_at=row.published_at,
    )
