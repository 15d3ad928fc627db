"""What names somebody within a text, and the text without it."""

import re
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from unicodedata import normalize

MARK = "[…]"
"""What stands in a text where somebody was named."""

_HYPHENS = "[-\u2010\u2011\u2013]"
_APOSTROPHES = "['\u2019]"
_LOOSE_GAP = r"(?:\W|_|\\[bfnrt])+"
"""Between two letters of a JSON text: a space, a mark, or a line break as JSON writes it."""


def normalised(word: str) -> str:
    """As words are compared: composed letters (NFC), one space between parts. Empty if it has
    neither a letter nor a digit: it names nobody."""
    composed = " ".join(normalize("NFC", word).split())
    return composed if any(map(str.isalnum, composed)) else ""


@dataclass(frozen=True)
class Words:
    """Words that name somebody: names, addresses, ids. At least one.

    A word with a space in it is a name, and one with `@` an address; any other is an id. Each is
    found as a whole, with any space between its parts, any form of hyphens and apostrophes, and the
    s of the genitive. Addresses and ids are found in any case, and a name where its parts begin as
    it has them, or with capitals. So "Per Dag" is not in "per dag".

    Raises ValueError if there is none, or one that has neither a letter nor a digit.
    """

    words: Collection[str]

    def __post_init__(self) -> None:
        if not self.words or not all(map(normalised, self.words)):
            raise ValueError("a word that names somebody has a letter or a digit")

    def are_in(self, value: Any) -> bool:
        """Whether a text, or any text within a JSON value, has one of them."""
        return any(self._pattern.search(normalize("NFC", text)) for text in _texts(value))

    def removed(self, value: Any, keys: Set[str] = frozenset()) -> Any:
        """A text with MARK for each of them; of a JSON value, the texts under these keys."""
        match value:
            case str() if not keys:
                without, found = self._pattern.subn(MARK, normalize("NFC", value))
                return without if found else value
            case list():
                return [self.removed(one, keys) for one in value]
            case dict():
                return {
                    name: self.removed(one, frozenset() if name in keys else keys)
                    for name, one in value.items()
                }
        return value

    @property
    def loosely(self) -> str:
        """A regular expression of PostgreSQL, in any case, for every JSON text that may have one.

        It finds too much rather than too little, whatever the database's locale makes of letters.
        """
        return "|".join(_loose(normalised(word)) for word in sorted(self.words))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(map(normalised, self.words), key=len, reverse=True)
        return re.compile("|".join(map(_exact, longest_first)))


def _exact(word: str) -> str:
    """A regular expression for a normalised word in a text in NFC."""
    if "@" in word:  # What is joined to it by these marks is part of a longer address.
        start, end = r"(?<![^\W_])(?<![^\W_][-._+@])", r"(?![^\W_]|[.+@][^\W_])"
    elif " " in word:
        start, end = r"(?<![^\W_])", r"(?![^\W_])"
    else:
        start, end = r"(?<![\w\-\u2010\u2011\u2013])", r"(?![\w\-\u2010\u2011\u2013])"
    if "@" in word or " " not in word:
        whole = f"(?i:{_written(word)})"
    else:
        whole = r"\s+".join(map(_capital_kept, word.split(" ")))
    return f"{start}{whole}[sS]?{end}"


def _capital_kept(part: str) -> str:
    first, rest = part[0], f"(?i:{_written(part[1:])})"
    return (_written(first) if first.isupper() else f"(?i:{_written(first)})") + rest


def _written(word: str) -> str:
    """With any hyphen and apostrophe for each of them."""
    folded = re.sub(_APOSTROPHES, "'", re.sub(_HYPHENS, "-", word))
    return re.escape(folded).replace(r"\-", _HYPHENS).replace("'", _APOSTROPHES)


def _loose(word: str) -> str:
    return "".join(
        "".join(map(_letter, run)) if run[0].isalnum() else _LOOSE_GAP
        for run in re.findall(r"[^\W_]+|[\W_]+", word)
    )


def _letter(one: str) -> str:
    """With the other case of a letter beyond ASCII, and with each as a letter and marks (NFD)."""
    if one.isascii():
        return one
    cases = {one, one.lower(), one.upper()}
    return f"(?:{'|'.join(sorted(cases | {normalize('NFD', case) for case in cases}))})"


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for one in value:
                yield from _texts(one)
        case dict():
            for one in value.values():
                yield from _texts(one)
