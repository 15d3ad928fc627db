"""Somebody's name, address and id in texts and documents."""

import re

import pytest

from servicekit.naming import Words, normalised

WORDS = Words(
    [
        *("p-0001", "Åsa Exempel", "Åsa Exempel Lind", "asa@example.se", "+46701740605"),
        *("Per Dag", "Eva-Lena O'Exempel"),
    ]
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Åsa Exempel asked", "[…] asked"),
        ("åsa exempel and ÅSA EXEMPEL", "åsa exempel and […]"),
        ("tre gånger per dag, PER DAGS ord", "tre gånger per dag, […] ord"),
        ("_Åsa Exempel_, -Åsa Exempel: **Åsa Exempel**", "_[…]_, -[…]: **[…]**"),
        ("Åsa Exempel-gruppen", "[…]-gruppen"),
        ("Eva\u2011Lena O\u2019Exempel, Eva\u2013Lena O'Exempels", "[…], […]"),
        ("A\u030asa Exempel", "[…]"),
        ("cafe\u0301", "cafe\u0301"),
        ("asa@example.se.uk, x.asa@example.se, asa@example.se@x, asa+asa@example.se", None),
        ("x-asa@example.se, xasa@example.se", None),
        ("_asa@example.se_, (Asa@example.se).", "_[…]_, ([…])."),
        ("p-0001\u2011b, x\u2010p-0001, p_p-0001", None),
        ("p\u20110001", "[…]"),
        ("Ask Åsa\n  Exempel", "Ask […]"),
        ("Åsa Exempels plan", "[…] plan"),
        ("Åsa Exempel's plan", "[…]'s plan"),
        ("Åsa Exempel Lind", "[…]"),
        ("as P-0001.", "as […]."),
        ("mail ASA@example.se, phone +46701740605!", "mail […], phone […]!"),
        ("p-00011, xp-0001, p-0001-b", "p-00011, xp-0001, p-0001-b"),
        ("Åsa, Exempel", "Åsa, Exempel"),
        ("", ""),
    ],
)
def test_each_word_is_found_as_a_whole(before: str, after: str | None) -> None:
    """None: it stays as it is."""
    assert WORDS.removed(before) == (before if after is None else after)
    assert WORDS.are_in(before) is (after not in (None, before))


@pytest.mark.parametrize("words", [[], [""], [" "], ["Åsa Exempel", "- ."]])
def test_words_that_are_in_every_text_are_refused(words: list[str]) -> None:
    with pytest.raises(ValueError, match="letter or a digit"):
        Words(words)


def test_a_padded_word_is_found_without_its_spaces() -> None:
    assert normalised(" A\u030asa\u00a0 Exempel ") == "Åsa Exempel"
    assert normalised(" - ") == ""
    words = Words([" Åsa  Exempel ", "manager "])
    assert words.removed("Ask the manager, Åsa Exempel.") == "Ask the […], […]."
    assert words.removed("It is Bo's.") == "It is Bo's."


def test_a_document_loses_it_under_the_keys_of_free_texts_alone() -> None:
    document = {
        "unit_id": "p-0001",
        "count": 1,
        "none": None,
        "pauses": [{"reason": "p-0001 is away", "by": "p-0001"}],
        "title": {"sv": "p-0001 svarar", "texts": ["p-0001"]},
    }
    assert WORDS.removed(document, {"reason", "title"}) == {
        "unit_id": "p-0001",
        "count": 1,
        "none": None,
        "pauses": [{"reason": "[…] is away", "by": "p-0001"}],
        "title": {"sv": "[…] svarar", "texts": ["[…]"]},
    }


def test_a_word_is_found_anywhere_in_a_document() -> None:
    assert WORDS.are_in({"after": [{"name": "Åsa Exempel"}]})
    assert not WORDS.are_in({"p-0001": 1})


@pytest.mark.parametrize(
    "text",
    [
        *('"ÅSA exempel"', r'"Åsa\n\tExempel"', '"x", "Asa@Example.se"', '"A\u030asa Exempel"'),
        *('"åsa\u00a0exempel"', '"Eva\u2011Lena O\u2019Exempel"', '"A\u030aSA EXEMPEL"'),
    ],
)
def test_a_database_finds_every_text_that_may_have_one(text: str) -> None:
    """PostgreSQL reads this expression as Python does."""
    assert re.search(WORDS.loosely, text, re.IGNORECASE | re.ASCII)


@pytest.mark.parametrize("words", [["Мария Иванова"], ["Al Bo"], ["Åsa Ö"], ["a@b.se"]])
def test_a_database_does_not_find_every_text(words: list[str]) -> None:
    line = '{"reason":"Many were on leave; Alva Boman will follow.","subject":"round/3f2b"}'
    assert not re.search(Words(words).loosely, line, re.IGNORECASE | re.ASCII)
