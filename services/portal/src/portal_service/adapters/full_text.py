"""Search in the portal's own texts by PostgreSQL. They are few, so that nothing is stored."""

from collections.abc import Sequence

from sqlalchemy import Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from portal_service.application.ports import OwnText, Piece, TextFound
from servicekit import full_text


class SqlFullText:
    """The port `FullText`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, words: str, language: str, texts: Sequence[OwnText]) -> list[TextFound]:
        columns = {
            "path": [one.path for one in texts],
            "title": [one.title for one in texts],
            "body": [one.body for one in texts],
        }
        given = [cast(literal(values, ARRAY(Text)), ARRAY(Text)) for values in columns.values()]
        known = func.unnest(*given).table_valued(*columns).render_derived()
        asked = full_text.asked(words, language)
        whole = known.c.title + " " + known.c.body
        lexemes = func.to_tsvector(full_text.configuration(language), whole)
        found = (
            select(
                known.c.path,
                full_text.marked(known.c.title, asked, language).label("title"),
                full_text.excerpt(known.c.body, asked, language).label("excerpt"),
            )
            .where(lexemes.op("@@")(asked))
            .order_by(func.ts_rank_cd(lexemes, asked).desc(), known.c.path)
        )
        async with self._engine.connect() as connection:
            rows = await connection.execute(found)
        return [TextFound(row.path, _pieces(row.title), _pieces(row.excerpt)) for row in rows]


def _pieces(marked: str) -> list[Piece]:
    return [Piece(text, found) for text, found in full_text.pieces(marked)]
