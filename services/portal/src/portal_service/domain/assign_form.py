"""The form that gives units modules."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal_service.domain.document_form import faults_of

_MODULE = "module-"


def body_of(rollout_id: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """What the service is sent; a module is a tick, the units are ids on lines or with commas."""
    return {
        "rollout_id": rollout_id,
        "unit_ids": [one for one in re.split(r"[\s,;]+", typed.get("units", "")) if one],
        "module_ids": [name.removeprefix(_MODULE) for name in typed if name.startswith(_MODULE)],
    }


def missing_in(body: Mapping[str, Any]) -> list[str]:
    """The fields of the form that are empty."""
    return [f"{name}s" for name in ("unit", "module") if not body[f"{name}_ids"]]


def faults_in(
    body: Mapping[str, Any], errors: Iterable[Mapping[str, Any]]
) -> list[tuple[str, str, str]]:
    """The field, the id in it and the detail of each fault that the service found."""
    found = []
    for pointer, detail in faults_of(errors):
        member, _, row = pointer.removeprefix("/").partition("/")
        if member in ("unit_ids", "module_ids"):
            ids: Sequence[str] = body[member]
            entry = ids[int(row)] if row.isdecimal() and int(row) < len(ids) else ""
            found.append((member.replace("_id", ""), entry, detail))
    return found
