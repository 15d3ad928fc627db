"""Search by PostgreSQL's full text."""

from sqlalchemy import delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.tables import PublicTextRow
from content_service.application.ports import PageOf
from content_service.domain import module
from content_service.domain.module import LANGUAGES, Language
from content_service.domain.search import Hit, Part, SearchedKind
from servicekit import full_text
from servicekit.db import table

_texts = table(PublicTextRow)


class SqlSearch:
    """The port `Search`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(
        self, kind: SearchedKind, id_: str, title: module.Text, body: module.Text
    ) -> None:
        rows = [
            {
                "kind": kind,
                "id": id_,
                "language": language,
                "title": getattr(title, language),
                "body": getattr(body, language),
            }
            for language in LANGUAGES
        ]
        statement = insert(_texts).values(rows)
        new = {"title": statement.excluded.title, "body": statement.excluded.body}
        key = ["kind", "id", "language"]
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=key, set_=new)
        )

    async def remove(self, kind: SearchedKind, id_: str) -> None:
        same = (_texts.c.kind == kind) & (_texts.c.id == id_)
        await self._connection.execute(delete(_texts).where(same))

    async def find(self, words: str, language: Language, page: PageOf) -> tuple[list[Hit], int]:
        asked = full_text.asked(words, language)
        matching = (_texts.c.language == language) & _texts.c.words.op("@@")(asked)
        total = await self._connection.scalar(
            select(func.count()).select_from(_texts).where(matching)
        )
        best = (
            select(_texts.c.kind, _texts.c.id, _texts.c.title, _texts.c.body)
            .add_columns(func.ts_rank_cd(_texts.c.words, asked).label("rank"))
            .where(matching)
            .order_by(literal_column("rank").desc(), _texts.c.kind, _texts.c.id)
            .offset(page.offset)
            .limit(page.limit)
            .subquery()
        )

        # Marking reads whole texts: only those of this page.
        rows = await self._connection.execute(
            select(
                best.c.kind,
                best.c.id,
                full_text.marked(best.c.title, asked, language).label("title"),
                full_text.excerpt(best.c.body, asked, language).label("excerpt"),
            ).order_by(best.c.rank.desc(), best.c.kind, best.c.id)
        )
        found = [Hit(row.kind, row.id, _parts(row.title), _parts(row.excerpt)) for row in rows]
        return found, total or 0


def _parts(marked: str) -> tuple[Part, ...]:
    return tuple(Part(text, found) for text, found in full_text.pieces(marked))
