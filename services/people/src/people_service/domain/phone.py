"""Phone numbers as people write them, and as they are stored (ITU-T E.164, as +46701234567)."""

import re

from people_service.domain.fault_text import FaultText

_WRITTEN = re.compile(r"[+(0-9][0-9 ()./-]*")
_TRUNK = re.compile(r"^(\+|00)([0-9 ]+)\(0\)")
"""The zero in +46 (0)70, which is not dialled from abroad."""
# Of E.164: 15 digits at most. Of the Swedish numbering plan (PTS): 7 to 9 digits after the zero.
_SWEDISH = re.compile(r"\+46[1-9][0-9]{6,8}")
_FOREIGN = re.compile(r"\+(?!46)[1-9][0-9]{6,14}")


def e164(text: str) -> str | None:
    """The number, or None if it is none. One that begins with a single zero is Swedish."""
    written = " ".join(text.removeprefix("tel:").replace("\u2011", "-").split())
    if not _WRITTEN.fullmatch(written):
        return None
    number = re.sub(r"[ ()./-]", "", _TRUNK.sub(r"\1\2", written))
    if number.startswith("00"):
        number = f"+{number[2:]}"
    elif number.startswith("0"):
        number = f"+46{number[1:]}"
    return number if (_SWEDISH.fullmatch(number) or _FOREIGN.fullmatch(number)) else None


def phone_fault(text: str) -> FaultText | None:
    """Why this phone number cannot be used, or None."""
    if e164(text):
        return None
    said = "Write the whole number: 070-123 45 67, or with the country's code, +46 70 123 45 67."
    return FaultText("phone-form", said)
