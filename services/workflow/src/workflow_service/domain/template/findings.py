"""Walks a JSON document that a person wrote and collects what is wrong, by JSON pointer (RFC 6901).

A node asked for a value it does not hold reports that and returns a stand-in, so that one pass
finds every error; nothing may use the values before `Findings.raise_if_any`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from unicodedata import category

from workflow_service.domain.duration import Duration, parse_duration
from workflow_service.domain.errors import DomainError

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ABSENT = object()


@dataclass
class Findings:
    """What is wrong, in document order."""

    errors: list[dict[str, str]] = field(default_factory=list)

    def raise_if_any(self, code: str, what: str) -> None:
        """Raises DomainError of kind `invalid` with every finding."""
        if self.errors:
            things = "1 thing is" if len(self.errors) == 1 else f"{len(self.errors)} things are"
            detail = f"{things} wrong in the {what}. Nothing was stored."
            raise DomainError(code, "invalid", detail, self.errors)


class Node:
    """One place in the document."""

    def __init__(self, value: object, pointer: str, findings: Findings) -> None:
        self.value, self.pointer, self._findings = value, pointer, findings

    def wrong(self, detail: str) -> None:
        # An absent value was reported by the object that lacks it.
        if self.value is not _ABSENT:
            self._findings.errors.append({"pointer": self.pointer, "detail": detail})

    def members(self, *names: str) -> dict[str, "Node"]:
        """The object's members: exactly these names."""
        value = self.value
        if not isinstance(value, dict):
            self.wrong(f"Must be an object with {', '.join(names)}.")
            return {name: Node(_ABSENT, "", self._findings) for name in names}
        for name in names:
            if name not in value:
                self.member(name, None).wrong("Is missing.")
        for name in value:
            if name not in names:
                self.member(name, None).wrong(f"Unknown. The members here: {', '.join(names)}.")
        return {name: self.member(name, value.get(name, _ABSENT)) for name in names}

    def optional_members(self, names: Sequence[str]) -> dict[str, "Node"]:
        """Those of these names that the object has; others are reported."""
        value = self.value
        if not isinstance(value, dict):
            self.wrong(f"Must be an object with any of {', '.join(names)}.")
            return {}
        for name in value:
            if name not in names:
                self.member(name, None).wrong(f"Unknown. Possible here: {', '.join(names)}.")
        return {name: self.member(name, value[name]) for name in names if name in value}

    def member(self, name: str, value: object) -> "Node":
        # JSON can spell half a surrogate pair, which no answer could be encoded with.
        sound = name.encode("utf-8", "replace").decode()
        escaped = sound.replace("~", "~0").replace("/", "~1")
        return Node(value, f"{self.pointer}/{escaped}", self._findings)

    def items(self) -> list["Node"]:
        """The array's items; there must be at least one."""
        value = self.value
        if not isinstance(value, list) or not value:
            self.wrong("Must be a list of at least one.")
            return []
        return [
            Node(item, f"{self.pointer}/{index}", self._findings)
            for index, item in enumerate(value)
        ]

    def text(self, longest: int = 200) -> str:
        value = self.value
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            self.wrong(f"Must be a text of 1 to {longest} characters.")
            return ""
        if any(category(character) in ("Cc", "Cs") for character in value):
            self.wrong("Holds a control character. Remove it.")
        return value

    def code(self) -> str:
        value = self.value
        if not isinstance(value, str) or not CODE.fullmatch(value):
            self.wrong("Must be 1 to 63 of a-z, 0-9, '-' or '_', starting with a letter or digit.")
            return ""
        return value

    def choice(self, options: Sequence[str]) -> str:
        if self.value not in options:
            self.wrong(f"Must be one of {', '.join(options)}.")
            return options[0]
        return str(self.value)

    def integer(self, lowest: int, highest: int) -> int:
        value = self.value
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            self.wrong(f"Must be a whole number from {lowest} to {highest}.")
            return lowest
        return value

    def number(self, lowest: float, highest: float) -> float:
        value = self.value
        # Also refuses nan, which is in no range.
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not lowest <= value <= highest
        ):
            self.wrong(f"Must be a number from {lowest:g} to {highest:g}.")
            return math.nan
        return float(value)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.wrong("Must be true or false.")
        return self.value is True

    def duration(self, *, at_least_some: bool = False) -> Duration:
        """An ISO 8601 duration; `at_least_some` refuses zero."""
        try:
            duration = parse_duration(self.value if isinstance(self.value, str) else "")
        except ValueError as error:
            self.wrong(str(error))
            return parse_duration("PT1S")
        if at_least_some and duration.is_zero:
            self.wrong("Must be longer than nothing.")
        return duration
