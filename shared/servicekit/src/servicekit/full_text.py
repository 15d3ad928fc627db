"""Full text search by PostgreSQL: words in any form, in Swedish and in English.

A long word is also found as the beginning of a longer one, because Swedish writes compounds as one
word and PostgreSQL does not take them apart.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal, literal_column
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY

_CONFIGURATIONS: Mapping[str, str] = {"sv": "swedish", "en": "english"}
_BEGIN, _END = "\ue000", "\ue001"
"""Private characters, which no accepted text has (servicekit.text)."""
_MARKS = f"StartSel={_BEGIN}, StopSel={_END}"
_WHOLE = f"{_MARKS}, HighlightAll=true"
_EXCERPT = f'{_MARKS}, MaxFragments=2, MinWords=8, MaxWords=24, FragmentDelimiter=" … "'
_LONG_WORDS = r"'(\w{6,})'"


def configuration(language: str) -> ColumnElement[Any]:
    """How PostgreSQL reads a language; of others it knows each word only as it is written."""
    return cast(literal_column(f"'{_CONFIGURATIONS.get(language, 'simple')}'"), REGCONFIG)


def asked(words: str, language: str) -> ColumnElement[Any]:
    """What is searched for. No words are an error; those without meaning find nothing."""
    exact = func.websearch_to_tsquery(configuration(language), cast(words, Text))
    return cast(func.regexp_replace(cast(exact, Text), _LONG_WORDS, r"'\1':*", "g"), TSQUERY)


def marked(
    text: ColumnElement[Any], query: ColumnElement[Any], language: str
) -> ColumnElement[Any]:
    """The whole text with what was found, for `pieces`."""
    return func.ts_headline(configuration(language), text, query, literal(_WHOLE))


def excerpt(
    text: ColumnElement[Any], query: ColumnElement[Any], language: str
) -> ColumnElement[Any]:
    """The places of the text that match best, for `pieces`."""
    return func.ts_headline(configuration(language), text, query, literal(_EXCERPT))


def pieces(marked: str) -> list[tuple[str, bool]]:
    """(piece of the text, whether it was found)."""
    first, *rest = marked.split(_BEGIN)
    found = [(first, False)]
    for piece in rest:
        word, _, after = piece.partition(_END)
        found += [(word, True), (after, False)]
    return [(text, is_found) for text, is_found in found if text]
