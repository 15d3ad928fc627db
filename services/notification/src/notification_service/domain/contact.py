"""How a person is reached. The people service has it; here it is only used, never stored."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# Deliberately stricter than RFC 5322: no quoting, comments or non-ASCII, and nothing that could end
# a header or an SMTP command.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True)
class Contact:
    """`email` is the empty text for somebody without a mail address."""

    name: str
    email: str
    language: Language


def address_fault(email: str) -> str | None:
    """Why this mail address cannot be used, or None."""
    if len(email) > 254 or len(email.partition("@")[0]) > 64:
        return "The address is too long."
    if not email.isascii():
        return "Letters outside a-z are not supported in an address."
    if not _ADDRESS.fullmatch(email):
        return "This is not a mail address of the form name@organisation.se."
    return None
