"""A file of units or persons between its preview and its import.

It stays in the page, packed, until it is imported: the portal stores nothing of it.
"""

import base64
import binascii
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["units", "persons"]
LARGEST = 4 * 1024 * 1024
"""Bytes; some 40,000 lines. Larger files are imported over the API."""
LARGEST_FORM = LARGEST * 4 // 3 + 256 * 1024
"""Bytes of a form that has a file, packed or not: base64 has four for three."""
LARGEST_TEMPLATE = 256 * 1024
"""Bytes of a template, which has a few thousand."""
_CSV = "text/csv"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Upload:
    content: bytes

    @property
    def is_workbook(self) -> bool:
        """By what it is, whatever a browser or its name says."""
        return self.content.startswith(_ZIP)

    @property
    def media_type(self) -> str:
        return _WORKBOOK if self.is_workbook else _CSV

    def packed(self) -> str:
        """As a field of a form."""
        return base64.b64encode(zlib.compress(self.content)).decode()


def unpacked(text: str) -> Upload | None:
    """None for what is no packed file, or one that is too large."""
    unzip = zlib.decompressobj()
    try:
        content = unzip.decompress(base64.b64decode(text, validate=True), LARGEST)
    except (binascii.Error, ValueError, zlib.error):
        return None
    return Upload(content) if content and unzip.eof else None


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` counts from 1; None is of the whole file. `column` may be empty. `given` are values
    for the code's text."""

    line: int | None
    column: str
    code: str
    given: Mapping[str, str]


def faults_of(errors: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """What a service found in a file, as its pointers `/rows/<line>/<column>` say where."""
    found = []
    for one in errors:
        _, _, place = str(one.get("pointer", "")).partition("/rows/")
        line, _, column = place.partition("/")
        number = int(line) if line.isdecimal() and len(line) < 10 else None
        given = one.get("parameters") or {}
        found.append(Fault(number, column, str(one.get("code", "")), given))
    return found
