"""The form of an article: its fields by kind, and the body that the content service takes."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal_service.domain.document_form import differences

_BOTH = ("sv", "en")
_TEXTS = ("title", "text", "captions", "transcript")
_EVERY = tuple(f"{name}_{language}" for name in ("title", "text") for language in _BOTH)
_OF_FILMS = tuple(f"{name}_{language}" for name in ("captions", "transcript") for language in _BOTH)
FIELDS: Mapping[str, tuple[str, ...]] = {
    "news": _EVERY,
    "question": (*_EVERY, "review_by"),
    "film": (*_EVERY, "url", *_OF_FILMS),
    "e_learning": (*_EVERY, "url"),
}
"""By kind, in the form's order."""


def typed_of(draft: Mapping[str, Any]) -> dict[str, str]:
    """A stored draft as the form shows it."""
    typed = {
        f"{name}_{language}": str(draft[name][language]) for name in _TEXTS for language in _BOTH
    }
    return typed | {name: str(draft[name] or "") for name in ("url", "review_by")}


def body_of(kind: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as the service takes it. What the kind does not have is left out."""
    body: dict[str, Any] = {}
    for field in FIELDS[kind]:
        name, _, language = field.rpartition("_")
        value = typed.get(field, "").strip()
        if name in _TEXTS:
            body.setdefault(name, {})[language] = value
        else:
            body[field] = value or None
    return body


def differing(
    kind: str, typed: Mapping[str, str], saved: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Field, value here and value there of each field in which two forms differ."""
    forms = ({name: one.get(name, "").strip() for name in FIELDS[kind]} for one in (typed, saved))
    found = differences(*forms)
    return [(pointer.removeprefix("/"), mine, theirs) for pointer, mine, theirs in found]


def fields_of(errors: Iterable[Mapping[str, Any]]) -> list[str]:
    """The fields that a service's refusal is about, by its JSON pointers: `/body/title/en`."""
    pointers = (str(one.get("pointer", "")).removeprefix("/body/") for one in errors)
    found = [pointer.replace("/", "_") for pointer in pointers]
    known = {field for fields in FIELDS.values() for field in fields} | {"article_id"}
    return [name for name in dict.fromkeys(found) if name in known]
