"""The texts that somebody reads on a page, and which of them are in the wrong language."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
CATALOGUE = ROOT / "services/portal/src/portal_service/locale/sv/LC_MESSAGES/portal.po"
Language = Literal["sv", "en"]


class _Reader(HTMLParser):
    """Without what stands in `code`: that is for programs, and the same in every language."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._in_code = False

    def handle_data(self, data: str) -> None:
        if not self._in_code:  # Names of machines, which are in no language.
            self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value or "" for name, value in attrs if name == "aria-label"]
        self._in_code |= tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._in_code &= tag != "code"


def texts_of(page: str) -> list[str]:
    """The texts between tags and those that are read aloud, in the page's order."""
    reader = _Reader()
    reader.feed(page)
    whole = (" ".join(text.split()) for text in reader.texts)
    return [text for text in whole if any(letter.isalpha() for letter in text)]


def without_data(page: str) -> str:
    """The page without ids and columns, and without what somebody wrote in a form."""
    return re.sub(r"<(code|textarea)\b.*?</\1>", "", page, flags=re.DOTALL)


def foreign(texts: Iterable[str], language: Language) -> list[str]:
    """Those that are in this language, and in this one only."""
    return [text for text in texts if _only(language).fullmatch(text)]


def untranslated(swedish: Sequence[str], english: Sequence[str], data: Iterable[str]) -> list[str]:
    """What reads the same in both languages although it is no text of the catalogue and no data."""
    same = {text for text, translation in _pairs().items() if text == translation}
    expected = re.compile("|".join(map(re.escape, data)))
    both = set(swedish) & set(english)
    return sorted(text for text in both - same if not expected.search(text))


@cache
def _only(language: Language) -> re.Pattern[str]:
    english, swedish = set(_pairs()), set(_pairs().values())
    texts = english - swedish if language == "en" else swedish - english
    return re.compile("|".join(_pattern(text) for text in texts))


def _pattern(text: str) -> str:
    parts = re.split(r"%\(\w+\)s", text.replace("%%", "%"))
    return ".+".join(re.escape(part) for part in parts)


@cache
def _pairs() -> dict[str, str]:
    """English text > Swedish text."""
    with CATALOGUE.open("rb") as source:
        return {str(one.id): str(one.string) for one in read_po(source) if one.id}
