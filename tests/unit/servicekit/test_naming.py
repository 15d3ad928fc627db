"""Somebody's name, address and id in texts and documents."""

import re

import pytest

from servicekit.naming import Words

WORDS = Words(["p-0001", "Åsa Exempel", "Åsa Exempel Lind", "asa@example.se", "+46701740605"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Åsa Exempel asked", "[…] asked"),
        ("åsa exempel and ÅSA EXEMPEL", "[…] and […]"),
        ("Ask Åsa\n  Exempel", "Ask […]"),
        ("Åsa Exempels plan", "[…] plan"),
        ("Åsa Exempel's plan", "[…]'s plan"),
        ("Åsa Exempel Lind", "[…]"),
        ("as P-0001.", "as […]."),
        ("mail ASA@example.se, phone +46701740605!", "mail […], phone […]!"),
        ("p-00011, xp-0001, p-0001-b", "p-00011, xp-0001, p-0001-b"),
        ("Anna-Åsa Exempel, Åsa Exempel-Berg", "Anna-Åsa Exempel, Åsa Exempel-Berg"),
        ("Åsa, Exempel", "Åsa, Exempel"),
        ("", ""),
    ],
)
def test_each_word_is_found_as_a_whole(before: str, after: str) -> None:
    assert WORDS.removed(before) == after
    assert WORDS.are_in(before) is (before != after)


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


@pytest.mark.parametrize("text", ['"ÅSA exempel"', r'"Åsa\n\tExempel"', '"x", "Asa@Example.se"'])
def test_a_database_finds_every_text_that_may_have_one(text: str) -> None:
    """PostgreSQL reads this expression as Python does."""
    assert re.search(WORDS.loosely, text, re.IGNORECASE | re.ASCII)
