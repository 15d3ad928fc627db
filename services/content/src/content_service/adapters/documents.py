"""Domain objects as JSON documents in the database, and back."""

from typing import Any

from pydantic import TypeAdapter

from content_service.domain.assignment import ItemProgress
from content_service.domain.module import ModuleContent

_content = TypeAdapter(ModuleContent)
_items = TypeAdapter(tuple[ItemProgress, ...])


def to_content(document: dict[str, Any]) -> ModuleContent:
    return _content.validate_python(document)


def content_document(content: ModuleContent) -> dict[str, Any]:
    document: dict[str, Any] = _content.dump_python(content, mode="json")
    return document


def to_items(document: list[dict[str, Any]]) -> tuple[ItemProgress, ...]:
    return _items.validate_python(document)


def items_document(items: tuple[ItemProgress, ...]) -> list[dict[str, Any]]:
    document: list[dict[str, Any]] = _items.dump_python(items, mode="json")
    return document
