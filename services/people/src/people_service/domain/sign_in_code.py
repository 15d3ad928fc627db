"""One-time codes: their form, and how many there may be for a round.

A code has 24 characters of Crockford's base32 (https://www.crockford.com/base32.html), which has no
I, L, O and U: 32^24 = 2^120 codes. A fast hash is enough to store them from 112 bits on (OWASP ASVS
5.0, 6.5.2): with the table of hashes and 10^12 attempts a second, the first of 10,000 codes takes
4 * 10^12 years. A round is open for a year at most, and then its codes are deleted.
"""

import hashlib
from datetime import datetime
from typing import Literal

from people_service.domain.errors import DomainError

Form = Literal["letters", "slips"]
"""A letter for each employee without a mail address, with their name; or slips without names."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 24
MOST_AT_ONCE = 1_000
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys("-‐‑–—"))


def printed(code: str) -> str:
    """As people read it: six groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


def as_read(typed: str) -> str:
    """What somebody meant: in any case, with or without separators, O for 0, I or L for 1.

    Another text comes back as one that no code has.
    """
    return "".join(typed.split()).upper().translate(_READ_AS)


def digest(code: str) -> bytes:
    """What is stored of a code: SHA-256, 32 bytes."""
    return hashlib.sha256(code.encode()).digest()


def how_many(form: Form, count: int | None, without_address: int) -> int:
    """How many codes are asked for. Raises DomainError `count-missing` or `count-given`."""
    if form == "slips":
        if count is None:
            detail = "Say how many slips to print."
            errors = [{"pointer": "/count", "detail": detail}]
            raise DomainError("count-missing", "invalid", detail, errors)
        return count
    if count is not None:
        detail = "There is one letter for each employee without a mail address: leave count out."
        errors = [{"pointer": "/count", "detail": detail}]
        raise DomainError("count-given", "invalid", detail, errors)
    return without_address


def check_number(form: Form, wanted: int, issued: int, at_most: int) -> None:
    """One person, one answer: no more codes than people who have no other way to answer.

    `issued` counts all codes of the round so far, `at_most` the unit's employees without a mail
    address. Raises DomainError `nobody-to-write-to` or `codes-exhausted`.
    """
    if form == "letters" and at_most == 0:
        detail = "Every employee of the unit has a mail address, so there are no letters to print."
        raise DomainError("nobody-to-write-to", "conflict", detail)
    if issued + wanted > at_most:
        detail = (
            f"{wanted} more codes were asked for. {issued} have been issued for this round, and the"
            f" unit has {at_most} employees without a mail address: at most"
            f" {max(at_most - issued, 0)} more can be issued."
        )
        raise DomainError("codes-exhausted", "conflict", detail)


def holds(is_open: bool, closes_at: datetime, now: datetime) -> bool:
    """Whether codes of a round open anything now."""
    return is_open and now < closes_at
