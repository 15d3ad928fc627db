"""What is wrong in a file, in words and as a code that programs put into words of their own."""

from collections.abc import Mapping
from typing import Any, Protocol


class FaultText(str):
    """A fault in English. `code` is stable; `given` are the values in the text, by name."""

    code: str
    given: Mapping[str, str]

    def __new__(cls, code: str, text: str, **given: object) -> "FaultText":
        """`text` has each of the values in braces."""
        fault = super().__new__(cls, text.format(**given))
        fault.code, fault.given = code, {name: str(value) for name, value in given.items()}
        return fault


class Detail(Protocol):
    """A FaultText, of this domain or of whoever read the file."""

    code: str
    given: Mapping[str, str]


def error_of(line: int, column: str, detail: Detail, heading: str = "") -> dict[str, Any]:
    """The entry of a DomainError for a place in a file; `heading` is what the file calls the
    column, if it calls it otherwise."""
    text, parameters = str(detail), dict(detail.given)
    if heading:
        text += f" In the file, the column is {heading[:70]!r}."
        parameters["heading"] = heading[:70]
    place = f"/rows/{line}/{column}".rstrip("/") if line else "/rows"
    return {"pointer": place, "detail": text, "code": detail.code, "parameters": parameters}
