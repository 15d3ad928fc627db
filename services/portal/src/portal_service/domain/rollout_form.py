"""What somebody typed to make a rollout, and where a service finds it wrong."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal_service.domain.document_form import faults_of
from portal_service.domain.forms import whole_number

_FIELDS: Mapping[str, str] = {
    "template_id": "template",
    "template_version": "template",
    "pilot_unit_ids": "pilots",
    "unit_ids": "units",
}
"""By a member of the body, the form's field where they differ."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`entry` is the id in the field's list that is wrong; empty for the whole field."""

    field: str
    entry: str
    detail: str


def body_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """What the service is sent; it finds what is wrong with it. Without `units`, every unit that
    can take part does."""
    template_id, _, version = typed.get("template", "").partition(" ")
    return {
        "name": typed.get("name", "").strip(),
        "template_id": template_id,
        "template_version": whole_number(version),
        "pilot_unit_ids": _ids(typed.get("pilots", "")),
        "unit_ids": _ids(typed.get("units", "")) or None,
    }


def faults_in(body: Mapping[str, Any], errors: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """The faults of a refused body, by the form's fields."""
    found = []
    for pointer, detail in faults_of(errors):
        member, _, row = pointer.removeprefix("/").partition("/")
        ids = body.get(member)
        listed = isinstance(ids, list) and row.isdecimal() and int(row) < len(ids)
        entry = ids[int(row)] if ids and listed else ""
        found.append(Fault(_FIELDS.get(member, member), entry, detail))
    return found


def _ids(text: str) -> list[str]:
    """One on each line, or with commas between them."""
    return [one for one in re.split(r"[\s,;]+", text) if one]
