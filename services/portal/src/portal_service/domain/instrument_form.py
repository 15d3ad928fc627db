"""The form of an instrument's next version, and the body that the assessment service takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal_service.domain.document_form import Shape
from portal_service.domain.forms import number_or_text
from portal_service.domain.texts import BEHAVIOURS


def shape_of(languages: Sequence[str]) -> Shape:
    text: Shape = dict.fromkeys(languages, "")
    return {
        "scale": {"min": "", "not_applicable": "", "labels": [text]},
        "items": [{"item_id": "", "behaviour": "engagement", "text": text}],
        "missing_rule": {"min_answered": ""},
        "source": "",
        "licence_note": "",
    }


def blank(languages: Sequence[str]) -> dict[str, Any]:
    """What the form of a new instrument begins with: one statement of each behaviour."""
    text = dict.fromkeys(languages, "")
    items = [
        {"item_id": f"{code.replace('_', '-')}-1", "behaviour": code, "text": text}
        for code in BEHAVIOURS
    ]
    return {
        "scale": {"min": "0", "not_applicable": "yes", "labels": [text] * 5},
        "items": items,
        "missing_rule": {"min_answered": "1"},
        "source": "",
        "licence_note": "",
    }


def document_of(instrument: Mapping[str, Any]) -> dict[str, Any]:
    """A version as the form has it."""
    scale = instrument["scale"]
    return {
        **{name: instrument[name] for name in ("items", "missing_rule", "source", "licence_note")},
        "scale": {
            "min": str(scale["min"]),
            "not_applicable": "yes" if scale["not_applicable"] else "",
            "labels": scale["labels"],
        },
    }


def body_of(
    instrument_id: str, version: int, languages: Sequence[str], document: Mapping[str, Any]
) -> dict[str, Any]:
    """What was typed, as the service takes it: the scale ends at its last label."""
    scale = document["scale"]
    lowest = number_or_text(scale["min"])
    highest = lowest + len(scale["labels"]) - 1 if isinstance(lowest, int) else lowest
    return {
        **document,
        "instrument_id": instrument_id,
        "version": version,
        "languages": list(languages),
        "scale": {
            "min": lowest,
            "max": highest,
            "labels": scale["labels"],
            "not_applicable": bool(scale["not_applicable"]),
        },
        "missing_rule": {"min_answered": number_or_text(document["missing_rule"]["min_answered"])},
    }
