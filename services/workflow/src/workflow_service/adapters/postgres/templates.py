"""Rollout templates in PostgreSQL. Rows are inserted and read, never changed."""

from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.db import table
from workflow_service.adapters.postgres.tables import TemplateRow
from workflow_service.application.ports import PageOf, StoredTemplate
from workflow_service.domain.template.document import template_of

_templates = table(TemplateRow)


class SqlTemplates:
    """The port `Templates`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, template_id: str, version: int | None = None) -> StoredTemplate | None:
        query = select(_templates).where(_templates.c.template_id == template_id)
        if version is not None:
            query = query.where(_templates.c.version == version)
        newest = query.order_by(_templates.c.version.desc()).limit(1)
        row = (await self._connection.execute(newest)).one_or_none()
        return _stored(row) if row else None

    async def page(self, page: PageOf) -> tuple[list[StoredTemplate], int]:
        count = await self._connection.execute(select(func.count()).select_from(_templates))
        by_key = select(_templates).order_by(_templates.c.template_id, _templates.c.version)
        rows = await self._connection.execute(by_key.offset(page.offset).limit(page.limit))
        return [_stored(row) for row in rows], count.scalar_one()

    async def add(self, stored: StoredTemplate) -> bool:
        added = await self._connection.execute(
            insert(_templates).on_conflict_do_nothing(),
            {
                "template_id": stored.template.template_id,
                "version": stored.template.version,
                "document": dict(stored.document),
                "registered_at": stored.registered_at,
            },
        )
        return added.rowcount == 1


def _stored(row: Row[Any]) -> StoredTemplate:
    return StoredTemplate(template_of(row.document), row.document, row.registered_at)
