"""The board of a rollout's units: what is chosen, in which groups, and which rows are on a page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from portal_service.domain.forms import whole_number
from portal_service.domain.texts import STEPS

Grouping = Literal["wave", "branch"]
STATUSES = ("waiting", "active", "paused", "completed", "stopped")
ROWS = 50
_UNIT_ID = re.compile("[a-z0-9][a-z0-9-]{0,62}")
_LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown, as the page's address says it; "" means all."""

    group: Grouping
    wave: str
    branch: str
    status: str
    step: str
    text: str

    @property
    def query(self) -> dict[str, str]:
        """What a service is asked for."""
        named = ("wave", "branch", "status", "step", "text")
        return {name: value for name in named if (value := getattr(self, name))}

    def address(self, **changes: str) -> str:
        """The query of the same board with changes; "" for a part that falls away."""
        parts = {"group": self.group, **self.query, **changes}
        return "?" + urlencode({name: value for name, value in parts.items() if value})


def chosen_by(typed: Mapping[str, str]) -> Chosen:
    """What an address or a form means; what is no choice is left out."""
    wave = whole_number(typed.get("wave", ""))
    branch, status, step = (typed.get(name, "") for name in ("branch", "status", "step"))
    text = " ".join(typed.get("text", "").split())[:_LONGEST_TEXT].strip()
    return Chosen(
        group="branch" if typed.get("group") == "branch" else "wave",
        wave="" if wave is None else str(wave),
        branch=branch if _UNIT_ID.fullmatch(branch) else "",
        status=status if status in STATUSES else "",
        step=step if step in STEPS else "",
        text=text if text.isprintable() else "",
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Units that belong together. `key` is the number of their wave, None before it is planned; or
    the id of their branch."""

    key: int | str | None
    units: tuple[Mapping[str, Any], ...]


def groups_of(
    units: Sequence[Mapping[str, Any]], by: Grouping, names: Mapping[str, str]
) -> list[Group]:
    """The units by wave, those without one last, or by the branch's name; in a group by name."""

    def place(unit: Mapping[str, Any]) -> tuple[Any, ...]:
        if by == "wave":
            return unit["wave"] is None, unit["wave"] or 0
        return names.get(unit["branch"], "").casefold(), unit["branch"]

    together: dict[int | str | None, list[Mapping[str, Any]]] = {}
    for unit in sorted(units, key=lambda one: (*place(one), one["name"].casefold())):
        together.setdefault(unit[by], []).append(unit)
    return [Group(key, tuple(found)) for key, found in together.items()]


def on_page(groups: Sequence[Group], page: int, rows: int = ROWS) -> list[Group]:
    """The groups, or parts of them, that the rows of one page belong to; pages count from 1."""
    first = (page - 1) * rows
    found, before = [], 0
    for group in groups:
        part = group.units[max(0, first - before) : max(0, first + rows - before)]
        if part:
            found.append(Group(group.key, part))
        before += len(group.units)
    return found
