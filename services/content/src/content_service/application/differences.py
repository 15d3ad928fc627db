"""What the audit trail says of a change: values, and of free texts only that they changed."""

from dataclasses import fields
from typing import Any

_TEXTS = ("text", "note")


def changed_fields(before: Any, after: Any) -> list[str]:
    """The names of the fields in which two dataclasses of one type differ."""
    names = (field.name for field in fields(before))
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def difference(before: Any, after: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs, as it was and as it is; `changed` names the texts that do."""
    changed = changed_fields(before, after)
    values = [name for name in changed if name not in _TEXTS]
    texts = [name for name in changed if name in _TEXTS]
    now = {name: getattr(after, name) for name in values}
    return (
        {name: getattr(before, name) for name in values},
        {**now, "changed": texts} if texts else now,
    )


def without_texts(record: Any, *identity: str) -> dict[str, Any]:
    """What is known of a new record, except its texts and its own id."""
    values = ((field.name, getattr(record, field.name)) for field in fields(record))
    unsaid = (*_TEXTS, *identity)
    return {name: value for name, value in values if name not in unsaid and value is not None}
