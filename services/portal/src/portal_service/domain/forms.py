"""A form made from the JSON Schema of a request's body, and the body made from what was typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

Control = Literal["text", "area", "number", "date", "moment", "choice", "tick"]
_SHORT_TEXT = 200
_LONGEST_NUMBER = 10  # digits


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    control: Control
    required: bool
    longest: int | None
    choices: tuple[str, ...]


def fields_of(schema: Mapping[str, Any], hidden: Sequence[str]) -> list[Field]:
    """The fields that a person fills in, the required ones first as the schema has them."""
    required = frozenset(schema.get("required", ()))
    found = [
        _field(name, part, name in required)
        for name, part in schema.get("properties", {}).items()
        if name not in hidden
    ]
    return sorted(found, key=lambda field: not field.required)


def _field(name: str, part: Mapping[str, Any], required: bool) -> Field:
    kind = next((one for one in part.get("anyOf", ()) if one.get("type") != "null"), part)
    longest = kind.get("maxLength")
    return Field(name, _control(kind), required, longest, tuple(kind.get("enum", ())))


def _control(kind: Mapping[str, Any]) -> Control:
    if kind.get("enum"):
        return "choice"
    if kind.get("type") in ("integer", "number"):
        return "number"
    if kind.get("type") == "boolean":
        return "tick"
    if kind.get("format") == "date":
        return "date"
    return "area" if kind.get("maxLength", 0) > _SHORT_TEXT else "text"


def body_of(fields: Sequence[Field], typed: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The body, and the names of fields that cannot be sent as they are."""
    body: dict[str, Any] = {}
    wrong = []
    for field in fields:
        text = typed.get(field.name, "").strip()
        if field.control == "tick":
            body[field.name] = bool(text)
        elif not text:
            if field.required:
                wrong.append(field.name)
        elif not _fits(field, text):
            wrong.append(field.name)
        else:
            body[field.name] = int(text) if field.control == "number" else text
    return body, wrong


def _fits(field: Field, text: str) -> bool:
    match field.control:
        case "number":
            return whole_number(text) is not None
        case "choice":
            return text in field.choices
        case "date":
            return _is_day(text)
        case "moment":
            return is_moment(text)
        case _:
            return field.longest is None or len(text) <= field.longest


def whole_number(text: str) -> int | None:
    """None for what is none, or has more digits than anything that is counted here."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def number_or_text(text: str) -> int | str:
    """The whole number that the text is, with a sign or without; else the text as it is."""
    digits = text.removeprefix("-")
    return int(text) if whole_number(digits) is not None else text


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) is not None
    except ValueError:
        return False


def pointed_at(errors: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names of the fields that a refusal points at."""
    return [str(one.get("pointer", "")).rpartition("/")[2] for one in errors]


def is_moment(text: str) -> bool:
    """Whether it is a day with a time, as a browser sends it: without a zone."""
    try:
        return "T" in text and datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def sent_key(text: str) -> str:
    """The key of a form, by which a service knows that it was sent twice; "" for what is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""
