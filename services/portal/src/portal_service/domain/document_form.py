"""The form of a document with rows: each field is named by the JSON pointer of its value.

A shape says what a document has: a text is a field and its first value, a mapping has members, and
a list of one shape has rows of it. What is typed that the shape does not have is left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

Shape = str | Mapping[str, Any] | list[Any]
How = Literal["add", "remove", "up"]
_LONGEST_INDEX = 4  # digits


def typed_document(shape: Shape, typed: Mapping[str, str], place: str = "") -> Any:
    """What was typed, as a document of this shape; rows in the order of their numbers."""
    if isinstance(shape, str):
        return typed.get(place, shape).strip()
    if isinstance(shape, list):
        rows = _rows(typed, f"{place}/")
        return [typed_document(shape[0], typed, f"{place}/{row}") for row in rows]
    return {name: typed_document(part, typed, f"{place}/{name}") for name, part in shape.items()}


def _rows(typed: Mapping[str, str], start: str) -> list[int]:
    found = {name.removeprefix(start).partition("/")[0] for name in typed if name.startswith(start)}
    return sorted(int(row) for row in found if row.isdecimal() and len(row) <= _LONGEST_INDEX)


def change_rows(shape: Shape, document: Any, how: str, pointer: str) -> None:
    """Add an empty row to the list at the pointer, or remove the row there, or move it up.

    A pointer to nothing of that kind changes nothing.
    """
    *above, last = pointer.removeprefix("/").split("/")
    try:
        for part in above:
            shape, document = _inner(shape, document, part)
        if how == "add":
            shape, document = _inner(shape, document, last)
            document.append(_empty(shape[0]))  # type: ignore[index]
        elif isinstance(document, list):
            row, at = document.pop(int(last)), int(last)
            if how == "up":
                document.insert(max(at - 1, 0), row)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return


def _inner(shape: Any, document: Any, part: str) -> tuple[Any, Any]:
    if isinstance(document, list):
        return shape[0], document[int(part)]
    return shape[part], document[part]


def _empty(shape: Shape) -> Any:
    if isinstance(shape, str):
        return shape
    if isinstance(shape, list):
        return []
    return {name: _empty(part) for name, part in shape.items()}


def values_of(document: Any, place: str = "") -> dict[str, str]:
    """The fields of a document, each with its value."""
    if isinstance(document, Mapping):
        parts: Iterable[tuple[Any, Any]] = document.items()
    elif isinstance(document, list):
        parts = enumerate(document)
    else:
        return {place: "" if document is None else str(document)}
    inner = (values_of(part, f"{place}/{name}") for name, part in parts)
    return {name: value for found in inner for name, value in found.items()}


def differences(mine: Any, theirs: Any) -> list[tuple[str, str, str]]:
    """Pointer, value here and value there of each field in which two documents differ. A browser
    sends other ends of lines than it was given."""
    here, there = values_of(mine), values_of(theirs)
    return [
        (name, here.get(name, ""), there.get(name, ""))
        for name in {**here, **there}
        if here.get(name, "").splitlines() != there.get(name, "").splitlines()
    ]


def place_of(pointer: str) -> list[tuple[str, int | None]]:
    """A pointer's parts with the number of the row, counted from 1, where it names one."""
    found: list[tuple[str, int | None]] = []
    for part in pointer.removeprefix("/").split("/"):
        if part.isdecimal() and found and len(part) <= _LONGEST_INDEX:
            found[-1] = (found[-1][0], int(part) + 1)
        else:
            found.append((part, None))
    return found


def faults_of(errors: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Pointer into the document and detail of each fault that a service found in it."""
    return [
        (str(one.get("pointer", "")).removeprefix("/body"), str(one.get("detail", "")))
        for one in errors
    ]
