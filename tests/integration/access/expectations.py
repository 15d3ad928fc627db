"""What the table of permissions says about a caller: computed anew here, not by the services' code.

The tree of units, in every service:

    region
      branch-a
        unit-a1             what is asked about is this unit's
          unit-a1-team
        unit-a2
      branch-b
        unit-b1
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from contracts.permissions import PERMISSIONS, Permission
from people_service.domain.roles import ROLES, RoleName
from servicekit.auth import EVERY_UNIT, Assignment

TREE: Mapping[str, str | None] = MappingProxyType(
    {
        "region": None,
        "branch-a": "region",
        "unit-a1": "branch-a",
        "unit-a1-team": "unit-a1",
        "unit-a2": "branch-a",
        "branch-b": "region",
        "unit-b1": "branch-b",
    }
)
OWN = "unit-a1"
ABOVE = ("branch-a", "region")
PLACES: Mapping[str, str | None] = MappingProxyType(
    {
        "own unit": OWN,
        "parent": "branch-a",
        "top unit": "region",
        "child": "unit-a1-team",
        "sister": "unit-a2",
        "other branch": "unit-b1",
        "whole region": EVERY_UNIT,
        "no unit": None,
    }
)
Outcome = Literal["let in", "outside", "role missing"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that succeeds for whoever may send it.

    `listing`: its answer is a list, which lacks what is not the caller's. `shows` has texts of the
    answer, each with the permission under which it is shown. `refused_as` is the problem code of a
    refusal that has nothing to do with the caller. `this_unit_only`: those above the unit may not.
    `makes_own`: it concerns nothing that anybody else made.
    """

    path: str
    json: Any = None
    csv: str = ""
    listing: bool = False
    shows: Mapping[str, str] = field(default_factory=dict)
    refused_as: str = ""
    this_unit_only: bool = False
    makes_own: bool = False


Asks = Mapping[str, Ask | tuple[Ask, ...]]
"""By route, as "GET /v1/rounds/{round_id}"."""


def held(role: RoleName, place: str) -> Assignment:
    """The role for the units of this place, as the people service says it."""
    unit = PLACES[place]
    return Assignment(role, unit, unit is not None and ROLES[role].below)


def outcome(
    permission: Permission, caller: Collection[Assignment], ask: Ask, made_it: bool = False
) -> Outcome:
    """What becomes of the request by the table alone. `made_it`: the caller made what it is about.

    Each assignment counts by itself: what one of them does not give, two do not give either.
    """
    counting = [one for one in caller if one.role in permission.roles]
    if not counting:
        return "role missing"
    everywhere = any(one.unit == EVERY_UNIT for one in counting)
    match permission.reach:
        case "anywhere":
            reached = True
        case "region":
            reached = everywhere
        case "own":
            reached = everywhere or made_it or ask.makes_own
        case "units":
            reached = any(_covers(one, ask) for one in counting)
    return "let in" if reached else "outside"


def shown(name: str, caller: Collection[Assignment], ask: Ask, made_it: bool = False) -> bool:
    """Whether the caller is shown what this permission is for."""
    return outcome(PERMISSIONS[name], caller, ask, made_it) == "let in"


def _covers(one: Assignment, ask: Ask) -> bool:
    if ask.this_unit_only:
        return one.unit == OWN
    return one.unit in (OWN, EVERY_UNIT) or (one.below and one.unit in ABOVE)
