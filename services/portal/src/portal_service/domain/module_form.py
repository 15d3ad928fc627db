"""The form of a module's draft, and the body that the content service takes."""

from collections.abc import Mapping
from typing import Any

from portal_service.domain.document_form import Shape
from portal_service.domain.forms import number_or_text
from portal_service.domain.texts import BEHAVIOURS

_TEXT: Shape = {"sv": "", "en": ""}
_STEP: Shape = {"minutes": "", "text": _TEXT}
_VARIANT: Shape = {"variant": "30", "steps": [_STEP]}
_ITEM: Shape = {
    "item_id": "",
    "kind": "text",
    "title": _TEXT,
    "body": _TEXT,
    "url": "",
    "variants": [_VARIANT],
}
SHAPE: Shape = {
    "title": _TEXT,
    "summary": _TEXT,
    "phase": "modules",
    "length_minutes": "",
    "behaviours": dict.fromkeys(BEHAVIOURS, ""),
    "items": [_ITEM],
}


def document_of(draft: Mapping[str, Any]) -> dict[str, Any]:
    """A stored draft as the form has it."""
    behaviours = {code: "yes" if code in draft["behaviours"] else "" for code in BEHAVIOURS}
    items = [{**item, "url": item["url"] or ""} for item in draft["items"]]
    return {**draft, "behaviours": behaviours, "items": items}


def body_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the service takes it. What is no number is left for it to refuse."""
    return {
        **document,
        "length_minutes": number_or_text(document["length_minutes"]),
        "behaviours": [code for code, chosen in document["behaviours"].items() if chosen],
        "items": [_item(item) for item in document["items"]],
    }


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    variants = [
        {**one, "steps": [_step(step) for step in one["steps"]]} for one in item["variants"]
    ]
    return {**item, "url": item["url"] or None, "variants": variants}


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    return {**step, "minutes": number_or_text(step["minutes"])}
