"""Search by PostgreSQL's full text: words in any form, in Swedish and in English."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, delete, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import REGCONFIG, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from content_service.adapters.tables import PublicTextRow
from content_service.application.ports import PageOf
from content_service.domain import module
from content_service.domain.module import LANGUAGES, Language
from content_service.domain.search import Hit, Part, SearchedKind
from servicekit.db import table

_texts = table(PublicTextRow)
_CONFIGURATIONS: Mapping[Language, str] = {"sv": "swedish", "en": "english"}
_BEGIN, _END = "\ue000", "\ue001"
"""Private characters, which no accepted text has (servicekit.text)."""
_MARKS = f"StartSel={_BEGIN}, StopSel={_END}"
_EXCERPT = f'{_MARKS}, MaxFragments=2, MinWords=8, MaxWords=24, FragmentDelimiter=" … "'


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
        configuration = cast(literal_column(f"'{_CONFIGURATIONS[language]}'"), REGCONFIG)
        asked = func.websearch_to_tsquery(configuration, cast(words, Text))
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

        def marked(text: ColumnElement[str], how: str) -> ColumnElement[Any]:
            return func.ts_headline(configuration, text, asked, literal(how))

        # Marking reads whole texts: only those of this page.
        rows = await self._connection.execute(
            select(
                best.c.kind,
                best.c.id,
                marked(best.c.title, f"{_MARKS}, HighlightAll=true").label("title"),
                marked(best.c.body, _EXCERPT).label("excerpt"),
            ).order_by(best.c.rank.desc(), best.c.kind, best.c.id)
        )
        found = [Hit(row.kind, row.id, _parts(row.title), _parts(row.excerpt)) for row in rows]
        return found, total or 0


def _parts(marked: str) -> tuple[Part, ...]:
    first, *rest = marked.split(_BEGIN)
    parts = [Part(first, found=False)]
    for piece in rest:
        word, _, after = piece.partition(_END)
        parts += [Part(word, found=True), Part(after, found=False)]
    return tuple(part for part in parts if part.text)
