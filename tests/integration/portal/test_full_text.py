"""The portal's own pages are found by PostgreSQL, in any form of a word."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from portal_service.adapters.full_text import SqlFullText
from portal_service.application.ports import OwnText, Piece
from portal_service.entrypoints.own_texts import own_texts
from portal_service.entrypoints.pages import Pages

PAGES = Pages()


async def found(engine: AsyncEngine, words: str, language: str = "sv") -> list[str]:
    texts = own_texts(PAGES, language)
    return [one.path for one in await SqlFullText(engine).find(words, language, texts)]


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("stresshantering", "/behaviours#stress_handling"),
        ("breddinförande", "/"),
        ("beteenden", "/"),
        ("tidplanen", "/timetable"),
    ],
)
async def test_what_the_pages_are_about_is_found(
    engine: AsyncEngine, words: str, path: str
) -> None:
    assert path in await found(engine, words)


async def test_each_language_has_its_own_texts(engine: AsyncEngine) -> None:
    assert "/behaviours#stress_handling" in await found(engine, "handling stress", "en")
    assert await found(engine, "breddinförande", "en") == []
    assert await found(engine, "introductions", "sv") == []


async def test_all_words_are_asked_for_and_the_best_comes_first(engine: AsyncEngine) -> None:
    texts = [
        OwnText("/once", "Rubrik", "En våg"),
        OwnText("/often", "Vågen", "Vågor av vågor"),
        OwnText("/other", "Rubrik", "Ett möte"),
    ]
    hits = await SqlFullText(engine).find("våg", "sv", texts)
    assert [one.path for one in hits] == ["/often", "/once"]
    assert hits[0].title == [Piece("Vågen", found=True)]
    assert Piece("våg", found=True) in hits[1].excerpt
    assert await SqlFullText(engine).find("våg möte", "sv", texts) == []
    assert await SqlFullText(engine).find("våg", "sv", []) == []


@pytest.mark.parametrize("words", ["'", "a & | !", "(", "a:*", "\\", "''; drop table x", "och"])
async def test_no_words_break_the_search(engine: AsyncEngine, words: str) -> None:
    assert await SqlFullText(engine).find(words, "sv", [OwnText("/", "Rubrik", "Text")]) == []


async def test_only_long_words_are_found_as_the_beginning_of_another(
    engine: AsyncEngine,
) -> None:
    texts = [OwnText("/", "Rubrik", "ledningssystem och vågrörelser")]
    assert await SqlFullText(engine).find("ledning", "sv", texts)
    assert not await SqlFullText(engine).find("våg", "sv", texts)
