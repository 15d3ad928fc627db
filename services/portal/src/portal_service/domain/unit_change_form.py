"""The forms of changes of units, and the body that the workflow service takes."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from portal_service.domain.acts import Act, day, text
from portal_service.domain.forms import Field, number_or_text
from portal_service.domain.marking import N_
from portal_service.domain.texts import UNIT_CHANGES

_LONGEST_LIST = 20_000
_UNIT = text("unit_id", longest=63)
_COMMON = (day("effective_on", required=True), text("reason", longest=500))
_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "rename": (_UNIT, text("name")),
    "move": (_UNIT, text("parent_id", longest=63)),
    "merge": (
        Field("unit_ids", "area", True, _LONGEST_LIST, ()),
        text("into", longest=63),
        text("new_name", required=False),
    ),
    "split": (_UNIT, Field("new_units", "area", True, _LONGEST_LIST, ())),
    "dissolve": (_UNIT,),
}
_RULES: Mapping[str, str] = {
    "rename": N_("The unit gets another name. Rounds that are open keep the old one."),
    "move": N_("The unit, with all below it, comes below another. Its journey goes on."),
    "merge": N_(
        "The units end in another one, and so do their journeys; their open rounds are closed."
        " With a name, the unit that they end in is new."
    ),
    "split": N_(
        "Units begin beside the one that goes on with its id and its journey. Import the persons"
        " of the new units afterwards."
    ),
    "dissolve": N_("The unit ends, and so does its journey; its open round is closed."),
}
_BEFORE = N_("You see what it would do before anything is changed.")
ACTS: Mapping[str, Act] = {
    kind: Act(title, (*_FIELDS[kind], *_COMMON), (_RULES[kind], _BEFORE))
    for kind, title in UNIT_CHANGES.items()
}


def plan_of(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the service takes it. What is no number is left for it to refuse."""
    said = {field.name: body[field.name] for field in _FIELDS[kind] if field.name in body}
    if "unit_ids" in said:
        said["unit_ids"] = re.split(r"[\s,;]+", said["unit_ids"])
    if "new_units" in said:
        said["new_units"] = [_new_unit(line) for line in said["new_units"].splitlines() if line]
    common = {field.name: body[field.name] for field in _COMMON}
    return {"change": {"kind": kind, **said}, **common}


def _new_unit(line: str) -> dict[str, Any]:
    unit_id, _, rest = re.sub(r"[;\t]", ",", line).partition(",")
    name, _, headcount = rest.rpartition(",")
    return {
        "unit_id": unit_id.strip(),
        "name": name.strip(),
        "headcount": number_or_text(headcount.strip()),
    }


def by_field(kind: str, errors: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The service's faults, each with a pointer that begins with a field of the form."""
    start = re.compile(rf"(/body)?/change(/{kind}(?=/))?")
    return [
        {**one, "pointer": start.sub("", str(one.get("pointer", "")), count=1)} for one in errors
    ]
