"""One rule for every text that a person or a file gives: composed, with ordinary spaces, without
anything that nobody can see."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

# What spreadsheets and HR systems write where there is no value.
NULL_WORDS = frozenset({"null", "none", "nil", "n/a", "na", "#n/a", "-", "--", "saknas", "okänd"})
_SOFT_HYPHEN = "\u00ad"  # Only marks where a word may break: dropped.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of control, format, surrogate, private and unassigned characters, and of
line and paragraph separators."""
_UNSEEN = frozenset(
    [
        *"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0",
        *map(chr, range(0xFE00, 0xFE10)),
        *map(chr, range(0xE0100, 0xE01F0)),
    ]
)
"""Letters, marks and signs that nobody can see: Unicode's Default_Ignorable_Code_Point outside
_INVISIBLE, and the braille pattern without dots."""


class UnseenCharacterError(ValueError):
    """A character that nobody can see; `position` counts from 1."""

    def __init__(self, position: int, character: str) -> None:
        self.position, self.code_point = position, f"U+{ord(character):04X}"
        name = unicodedata.name(character, "a control character").lower()
        super().__init__(
            f"character {position} is {self.code_point} ({name}), which nobody can see; remove it"
        )


def is_blank(text: str) -> bool:
    """Whether nobody can see anything of it."""
    return all(unicodedata.category(char)[0] in "ZC" or char in _UNSEEN for char in text)


def clean(text: str, *, lines: bool = False) -> str:
    """The text in Unicode's NFC, trimmed, each run of Unicode spaces folded to one space; empty if
    it is blank.

    `lines` keeps line breaks. Raises UnseenCharacterError for the first invisible or control
    character.
    """
    allowed = _SOFT_HYPHEN + ("\t\r\n" if lines else "\t")
    suspects = () if text.isprintable() else enumerate(text, start=1)
    for position, character in suspects:
        if unicodedata.category(character) in _INVISIBLE and character not in allowed:
            raise UnseenCharacterError(position, character)
    if is_blank(text):
        return ""
    composed = unicodedata.normalize("NFC", text.replace(_SOFT_HYPHEN, ""))
    return "\n".join(" ".join(line.split()) for line in composed.splitlines()).strip()


def is_null_word(text: str) -> bool:
    """Whether the text means "no value", as in `NULL`, `N/A` or `-`."""
    return text.strip().casefold() in NULL_WORDS


def not_null_word(text: str) -> str:
    """Raises ValueError for a word that means "no value" where an id is expected."""
    if is_null_word(text):
        raise ValueError(f"{text.strip()!r} means that there is no value; leave it out or give one")
    return text


def _line(text: str) -> str:
    return _not_blank(clean(text))


def _prose(text: str) -> str:
    return _not_blank(clean(text, lines=True))


def _not_blank(text: str) -> str:
    if is_blank(text):
        raise ValueError("the text is blank; write something")
    return text


Line = Annotated[str, Field(min_length=1), AfterValidator(_line)]
"""A text of one line that is not blank."""
Prose = Annotated[str, Field(min_length=1), AfterValidator(_prose)]
"""A text of several lines that is not blank."""
