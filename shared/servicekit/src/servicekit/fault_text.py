"""What is wrong in a file, in words and as a code that programs put into words of their own."""

from collections.abc import Mapping


class FaultText(str):
    """A fault in English. `code` is stable; `given` are the values in the text, by name."""

    code: str
    given: Mapping[str, str]

    def __new__(cls, code: str, text: str, **given: object) -> "FaultText":
        """`text` has each of the values in braces."""
        fault = super().__new__(cls, text.format(**given))
        fault.code, fault.given = code, {name: str(value) for name, value in given.items()}
        return fault
