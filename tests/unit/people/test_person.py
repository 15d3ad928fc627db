"""The domain may not import servicekit, so its rules for ids and names are held to servicekit's."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people_service.domain.fault_text import FaultText
from people_service.domain.person import NULL_WORDS, PERSON_ID, id_fault, name_fault
from servicekit import text

WORDS = [*NULL_WORDS, *text.NULL_WORDS, "p-1", "nullmark", "---"]


def is_null_word(value: str) -> bool:
    return "no value" in (id_fault(value, PERSON_ID, FaultText("x", "Not an id.")) or "")


def cleaned_or_none(value: str) -> str | None:
    """The value as a file's reader hands it on, None if that refuses it."""
    try:
        return text.clean(value)
    except ValueError:
        return None


@pytest.mark.parametrize("form", ["{}", " {} ", "\u00a0{}\u2003", "\t{}\n", "\u3164{}"])
def test_the_words_for_no_value_are_those_of_the_platform(form: str) -> None:
    values = [form.format(each) for word in WORDS for each in (word, word.upper(), word.title())]
    assert [is_null_word(value) for value in values] == [text.is_null_word(v) for v in values]


@given(st.text(max_size=8) | st.sampled_from(WORDS))
def test_no_other_word_means_no_value_to_one_of_them_only(value: str) -> None:
    assert is_null_word(value) == text.is_null_word(value)


def disagreements(characters: Iterable[str]) -> list[str]:
    """Of the names with these characters, those that are refused when they were read already, or
    that would be taken although no file can have them."""
    return [
        name
        for character in characters
        for name in (character, f"A{character}B")
        if ((cleaned := cleaned_or_none(name)) is None and name_fault(name) is None)
        or (cleaned and name_fault(cleaned))
    ]


def test_a_name_has_no_character_that_a_file_may_not_have_and_any_other() -> None:
    assert disagreements(map(chr, range(0x10000))) == []
    assert disagreements(map(chr, (0x1F600, 0x20000, 0xE0001, 0xE0100, 0xF0000, 0x10FFFF))) == []
