"""What somebody can let another stand in for, and what they said about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal_service.domain.forms import pointed_at

_EVERY_UNIT = "*"
_STANDS_IN: Mapping[str, str] = {"manager": "deputy", "approver": "approver"}
"""By the role that somebody holds, the role of who stands in for them."""
FIELDS = ("delegate", "valid_from", "valid_to", "reason")


@dataclass(frozen=True, order=True, slots=True)
class Post:
    """A role of whoever stands in. `unit_id` is empty for the whole region."""

    role: str
    unit_id: str

    @property
    def value(self) -> str:
        """As a form has it."""
        return f"{self.role} {self.unit_id}".strip()


def posts_of(held: Iterable[tuple[str, str | None]]) -> list[Post]:
    """Of (role, unit) of each role of one's own."""
    found = {
        Post(_STANDS_IN[role], "" if unit == _EVERY_UNIT else unit)
        for role, unit in held
        if role in _STANDS_IN and unit and (role == "approver") == (unit == _EVERY_UNIT)
    }
    return sorted(found)


def body_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """What the service is sent; it finds what is wrong with it."""
    role, _, unit_id = typed.get("post", "").partition(" ")
    said = {name: typed.get(name, "").strip() for name in FIELDS}
    return {
        **said,
        "role": role or "deputy",
        "unit_id": unit_id or None,
        "valid_from": said["valid_from"] or None,
    }


def where_wrong(errors: Iterable[Mapping[str, Any]]) -> list[str]:
    """The fields of the form that a refusal points at."""
    known = {"unit_id": "post", "role": "post"} | {name: name for name in FIELDS}
    return list(dict.fromkeys(known[name] for name in pointed_at(errors) if name in known))
