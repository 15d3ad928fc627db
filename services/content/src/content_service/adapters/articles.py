"""Articles and their editions in PostgreSQL."""

from collections.abc import Collection
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.tables import ArticleEditionRow, ArticleRow
from content_service.application.ports import PageOf
from content_service.domain.article import (
    Article,
    ArticleContent,
    ArticleKind,
    ArticleStatus,
    Edition,
)
from servicekit.db import table

_articles = table(ArticleRow)
_editions = table(ArticleEditionRow)
_article = TypeAdapter(Article)
_content = TypeAdapter(ArticleContent)
_public = (
    select(_editions, _articles.c.kind)
    .join(
        _articles,
        (_articles.c.article_id == _editions.c.article_id)
        & (_articles.c.edition == _editions.c.edition),
    )
    .where(_articles.c.is_public)
)


class SqlArticles:
    """The port `Articles`. The rows have the domain objects' own fields."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, article: Article) -> bool:
        values = _article.dump_python(article, mode="json")
        added = await self._connection.execute(
            insert(_articles).values(values).on_conflict_do_nothing()
        )
        return added.rowcount == 1

    async def get(self, article_id: str) -> Article | None:
        return await self._one(select(_articles).where(_articles.c.article_id == article_id))

    async def lock(self, article_id: str) -> Article | None:
        found = select(_articles).where(_articles.c.article_id == article_id)
        return await self._one(found.with_for_update())

    async def _one(self, query: Select[Any]) -> Article | None:
        row = (await self._connection.execute(query)).one_or_none()
        return _article.validate_python(dict(row._mapping)) if row else None

    async def save(self, article: Article) -> None:
        values = _article.dump_python(article, mode="json")
        same = _articles.c.article_id == article.article_id
        await self._connection.execute(update(_articles).where(same).values(values))

    async def add_edition(self, edition: Edition) -> None:
        statement = insert(_editions).values(
            article_id=edition.article_id,
            edition=edition.edition,
            content=_content.dump_python(edition.content, mode="json"),
            published_at=edition.published_at,
        )
        await self._connection.execute(statement)

    async def page(
        self, kind: ArticleKind | None, status: ArticleStatus | None, page: PageOf
    ) -> tuple[list[Article], int]:
        query = select(_articles)
        if kind is not None:
            query = query.where(_articles.c.kind == kind)
        if status is not None:
            query = query.where(_articles.c.status == status)
        rows, total = await self._page(query.order_by(_articles.c.article_id), page)
        return [_article.validate_python(dict(row._mapping)) for row in rows], total

    async def public(self, article_id: str) -> Edition | None:
        query = _public.where(_editions.c.article_id == article_id)
        row = (await self._connection.execute(query)).one_or_none()
        return _edition(row) if row else None

    async def which_public(self, article_ids: Collection[str]) -> frozenset[str]:
        named = _articles.c.article_id.in_(article_ids) & _articles.c.is_public
        rows = await self._connection.execute(select(_articles.c.article_id).where(named))
        return frozenset(rows.scalars())

    async def public_page(
        self, kind: ArticleKind | None, page: PageOf
    ) -> tuple[list[Edition], int]:
        query = _public if kind is None else _public.where(_articles.c.kind == kind)
        newest = query.order_by(_editions.c.published_at.desc(), _editions.c.article_id)
        rows, total = await self._page(newest, page)
        return [_edition(row) for row in rows], total

    async def _page(self, query: Select[Any], page: PageOf) -> tuple[list[Row[Any]], int]:
        counted = select(func.count()).select_from(query.order_by(None).subquery())
        total = await self._connection.scalar(counted)
        rows = await self._connection.execute(query.offset(page.offset).limit(page.limit))
        return list(rows), total or 0


def _edition(row: Row[Any]) -> Edition:
    content = _content.validate_python(row.content)
    return Edition(row.article_id, row.kind, row.edition, content, row.published_at)
