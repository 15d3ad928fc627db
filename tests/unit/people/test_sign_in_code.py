"""One-time codes: how they are written and read, and how many there may be."""

import re

import pytest

from people_service.domain.guessing import WINDOW, Failures, Limits
from people_service.domain.sign_in_code import (
    ALPHABET,
    LENGTH,
    as_read,
    check_number,
    digest,
    how_many,
    printed,
)
from unit.people.builders import NOW, refused

CODE = "01VA7K3MQ9TX2VBNC4HD0P6R"


def test_the_alphabet_has_nothing_that_is_taken_for_something_else() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)
    assert len(ALPHABET) ** LENGTH == 2**120


@pytest.mark.parametrize(
    "typed",
    [
        "01VA-7K3M-Q9TX-2VBN-C4HD-0P6R",
        "01va7k3mq9tx2vbnc4hd0p6r",
        " 01VA 7K3M\u00a0Q9TX\t2VBN  C4HD 0P6R\n",
        "oIva-7k3m-q9tx-2vbn-c4hd-op6r",
        "OlVA–7K3M—Q9TX‑2VBN–C4HD—0P6R",
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert as_read(typed) == CODE


def test_a_code_is_printed_in_groups() -> None:
    assert printed(CODE) == "01VA-7K3M-Q9TX-2VBN-C4HD-0P6R"
    assert as_read(printed(CODE)) == CODE


@pytest.mark.parametrize("typed", ["", "x", CODE[:-1], f"{CODE[:-1]}U", "\0" * 99])
def test_another_text_is_no_code(typed: str) -> None:
    assert not re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", as_read(typed))
    assert digest(as_read(typed)) != digest(CODE)


def test_letters_are_as_many_as_employees_without_an_address() -> None:
    assert how_many("letters", None, 3) == 3
    assert how_many("slips", 5, 3) == 5
    with refused("count-given"):
        how_many("letters", 3, 3)
    with refused("count-missing"):
        how_many("slips", None, 3)


def test_there_are_no_more_codes_than_people() -> None:
    check_number("slips", 5, issued=4, at_most=9)
    with refused("codes-exhausted") as caught:
        check_number("slips", 6, issued=4, at_most=9)
    assert "at most 5 more" in caught.value.detail
    with refused("codes-exhausted") as caught:
        check_number("letters", 3, issued=4, at_most=3)
    assert "at most 0 more" in caught.value.detail
    with refused("nobody-to-write-to"):
        check_number("letters", 0, issued=0, at_most=0)


def test_the_failure_that_reaches_the_limit_begins_the_wait() -> None:
    failures, at = Failures(), NOW
    for number in (1, 2, 3):
        assert not failures.wait(3, at)
        failures = failures.and_one(3, at)
        assert failures.count == number
        at += WINDOW / 4
    assert failures.wait(3, at) == WINDOW * 3 / 4
    assert failures.wait(3, NOW + WINDOW / 2 + WINDOW) == WINDOW * 0
    assert failures.and_one(3, at + WINDOW) == Failures(1, at + WINDOW)


def test_failures_count_for_ten_minutes_from_the_first() -> None:
    failures = Failures().and_one(3, NOW).and_one(3, NOW + WINDOW / 2)
    assert failures == Failures(2, NOW)
    assert failures.and_one(3, NOW + WINDOW) == Failures(1, NOW + WINDOW)


def test_a_limit_of_one() -> None:
    assert Failures().and_one(1, NOW).wait(1, NOW) == WINDOW


def test_limits_are_by_place_and_in_all() -> None:
    limits = Limits(per_place=20, in_all=500)
    assert (limits.at("192.0.2.7"), limits.at("everywhere")) == (20, 500)
