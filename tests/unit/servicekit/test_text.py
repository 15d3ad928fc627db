"""Texts are composed, folded, and refused by code point and position if something is invisible."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from servicekit.text import Line, Prose, clean, is_blank, is_null_word, not_null_word

LINE: TypeAdapter[str] = TypeAdapter(Line)
PROSE: TypeAdapter[str] = TypeAdapter(Prose)


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        (" Anna  Ek ", "Anna Ek"),
        ("Anna\u00a0Ek", "Anna Ek"),  # As Excel writes it.
        ("Anna\u2009\u3000Ek\t", "Anna Ek"),
        ("A\u030angstro\u0308m", "Ångström"),
        ("sam\u00adverkan", "samverkan"),
    ],
)
def test_texts_are_composed_and_their_spaces_folded(given: str, cleaned: str) -> None:
    assert LINE.validate_python(given) == cleaned


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("ab\u200bc", "character 3 is U\\+200B"),
        ("\ufeffabc", "character 1 is U\\+FEFF"),
        ("a\0b", "character 2 is U\\+0000 .a control character."),
        ("a\u202eb", "character 2 is U\\+202E .right-to-left override."),
        ("a\nb", "character 2 is U\\+000A"),
        ("a\u2028b", "character 2 is U\\+2028"),
        ("a\ud800", "character 2 is U\\+D800"),
        ("ab\u00ad\u00adc\u200bd", "character 6 is U\\+200B"),
    ],
)
def test_what_nobody_can_see_is_refused_with_its_place(given: str, place: str) -> None:
    with pytest.raises(ValueError, match=place):
        clean(given)


UNSEEN = [
    *("\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180f", "\u2800", "\u3164"),
    *("\ufe00", "\ufe0f", "\uffa0", "\U000e0100", "\U000e01ef", "\u2800 \ufe0f\u00ad"),
]


@pytest.mark.parametrize("blank", ["", "   ", "\u00a0\u3000", "\t", "\u00ad", *UNSEEN])
def test_a_blank_text_is_refused(blank: str) -> None:
    for adapter in (LINE, PROSE):
        with pytest.raises(ValidationError, match=r"blank|at least 1 character"):
            adapter.validate_python(blank)


@pytest.mark.parametrize("blank", ["", " \u200b\n", "\u2060\ufeff", "\u00ad", *UNSEEN])
def test_a_text_without_a_visible_character_is_blank(blank: str) -> None:
    assert is_blank(blank)
    assert not is_blank(f"{blank}a")


@pytest.mark.parametrize("blank", UNSEEN)
def test_a_blank_text_becomes_empty(blank: str) -> None:
    assert clean(blank) == clean(blank, lines=True) == ""


@pytest.mark.parametrize("seen", ["\u2764\ufe0f", "\u845b\U000e0100", "\u2801", "-"])
def test_what_makes_a_variant_of_a_visible_character_stays(seen: str) -> None:
    assert LINE.validate_python(seen) == seen


def test_prose_keeps_its_lines() -> None:
    assert PROSE.validate_python("one \r\n\r\n two\n") == "one\n\ntwo"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    try:
        cleaned = clean(text)
    except ValueError:
        return
    assert clean(cleaned) == cleaned == unicodedata.normalize("NFC", cleaned)


@pytest.mark.parametrize("word", ["NULL", "n/a", " - ", "Saknas", "#N/A"])
def test_words_for_no_value_are_no_ids(word: str) -> None:
    assert is_null_word(word)
    with pytest.raises(ValueError, match="no value"):
        not_null_word(word)
    assert not_null_word("m-0001") == "m-0001"
