"""A JSON document that somebody wrote: where in the text each of its values is."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class NotJson(Exception):
    """The text is no JSON object, or has the name `repeated` twice. `line` counts from 1."""

    line: int
    repeated: str = ""


class _Repeated(ValueError):
    pass


def read(text: str) -> dict[str, Any]:
    """Raises NotJson."""
    try:
        document = json.loads(text, object_pairs_hook=_members)
        # Neither numbers without an end nor halves of characters can be sent on.
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        raise NotJson(error.lineno) from error
    except _Repeated as error:
        name = str(error)
        raise NotJson(text.count("\n", 0, text.rfind(f'"{name}"')) + 1, name) from error
    except (RecursionError, ValueError) as error:
        raise NotJson(1) from error
    if not isinstance(document, dict):
        raise NotJson(1)
    return document


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _Repeated(name)
        members[name] = value
    return members


def line_of(pointer: str, lines: Mapping[str, int]) -> int:
    """The line of the value at a pointer; of the innermost part that there is, if it is missing."""
    while pointer not in lines:
        pointer = pointer.rpartition("/")[0]
    return lines[pointer]


def lines_of(text: str) -> dict[str, int]:
    """The line, counted from 1, of each value of a text that is JSON, by its pointer."""
    lines = {"": 1}
    path: list[str | int] = []
    name_follows = False
    line, seen = 1, 0
    for match in _TOKEN.finditer(text):
        line, seen = line + text.count("\n", seen, match.start()), match.start()
        sign = match.group()
        if sign in "}]":
            path.pop()
        elif sign == ",":
            if isinstance(path[-1], int):
                path[-1] += 1
            else:
                name_follows = True
        elif sign == ":":
            pass
        elif name_follows and sign != "}":
            path[-1] = _escaped(json.loads(sign))
            lines.setdefault(_pointer(path), line)
            name_follows = False
        else:
            lines.setdefault(_pointer(path), line)
            if sign in "{[":
                path.append("" if sign == "{" else 0)
        if sign in "{}[]":
            name_follows = sign == "{"
    return lines


def _pointer(path: list[str | int]) -> str:
    return "".join(f"/{part}" for part in path)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
