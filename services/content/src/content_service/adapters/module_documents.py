"""Module contents as JSON documents in the database, and back."""

from typing import Any

from pydantic import TypeAdapter

from content_service.domain.module import ModuleContent

_content = TypeAdapter(ModuleContent)


def to_content(document: dict[str, Any]) -> ModuleContent:
    return _content.validate_python(document)


def content_document(content: ModuleContent) -> dict[str, Any]:
    document: dict[str, Any] = _content.dump_python(content, mode="json")
    return document
