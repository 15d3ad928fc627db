"""Instruments as JSON documents, in the database as in the API."""

from typing import Any

from assessment_service.domain.instrument import Instrument, Item, Scale


def to_document(instrument: Instrument) -> dict[str, Any]:
    scale = instrument.scale
    return {
        "languages": list(instrument.languages),
        "scale": {
            "min": scale.low,
            "max": scale.high,
            "labels": [dict(label) for label in scale.labels],
            "not_applicable": scale.not_applicable,
        },
        "items": [
            {"item_id": item.item_id, "behaviour": item.behaviour, "text": dict(item.text)}
            for item in instrument.items
        ],
        "source": instrument.source,
        "licence_note": instrument.licence_note,
        "missing_rule": {"min_answered": instrument.min_answered},
    }


def to_instrument(instrument_id: str, version: int, document: dict[str, Any]) -> Instrument:
    scale = document["scale"]
    return Instrument(
        instrument_id=instrument_id,
        version=version,
        languages=tuple(document["languages"]),
        scale=Scale(scale["min"], scale["max"], tuple(scale["labels"]), scale["not_applicable"]),
        items=tuple(Item(i["item_id"], i["behaviour"], i["text"]) for i in document["items"]),
        source=document["source"],
        licence_note=document["licence_note"],
        min_answered=document["missing_rule"]["min_answered"],
    )
