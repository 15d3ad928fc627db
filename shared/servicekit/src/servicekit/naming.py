"""What names somebody within a text, and the text without it."""

import re
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MARK = "[…]"
"""What stands in a text where somebody was named."""


@dataclass(frozen=True)
class Words:
    """Words that name somebody: names, addresses, ids. At least one.

    Each is found as a whole, in any case, with any space between its parts, and with the s of the
    genitive.
    """

    words: Collection[str]

    def are_in(self, value: Any) -> bool:
        """Whether a text, or any text within a JSON value, has one of them."""
        return any(self._pattern.search(text) for text in _texts(value))

    def removed(self, value: Any, keys: Set[str] = frozenset()) -> Any:
        """A text with MARK for each of them; of a JSON value, the texts under these keys."""
        match value:
            case str():
                return value if keys else self._pattern.sub(MARK, value)
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
        """A regular expression of PostgreSQL for every JSON text that may have one of them.

        It finds too much rather than too little, whatever the database's locale and JSON's escapes
        make of letters and marks.
        """
        return "|".join(re.sub("[^A-Za-z0-9]+", ".+", word) for word in sorted(self.words))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.words, key=len, reverse=True)
        one_of = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
        return re.compile(rf"(?<![\w-])(?:{one_of})s?(?![\w-])", re.IGNORECASE)


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
