"""The roles that a person or a system can hold: for which units, and how far each reaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

RoleName = Literal[
    "employee",
    "manager",
    "deputy",
    "facilitator",
    "safety_representative",
    "strategist",
    "administrator",
    "approver",
    "auditor",
    "operator",
    "service",
    "subscriber",
    "provisioner",
    "respondent",
]
EVERY_UNIT = "*"
"""The unit of an assignment for the whole region, as a token says it."""


@dataclass(frozen=True, slots=True)
class Role:
    """What holds for everybody in a role.

    `unit` says whether an assignment names a unit: it must, it may (without one it is for the whole
    region), or it does not. `below` says whether it also holds for the units below the one named.
    """

    unit: Literal["required", "optional", "none"]
    below: bool
    held_by: Literal["person", "system", "code"]
    purpose: str


ROLES: Mapping[RoleName, Role] = MappingProxyType(
    {
        "employee": Role("required", False, "person", "Answers their unit's rounds."),
        "manager": Role("required", True, "person", "Leads a unit through its journey."),
        "deputy": Role("required", True, "person", "Stands in for a manager until a day."),
        "facilitator": Role("required", True, "person", "Leads meetings of a unit."),
        "safety_representative": Role(
            "required", True, "person", "Speaks for the employees of a unit in safety matters."
        ),
        "strategist": Role("optional", True, "person", "Supports units, within a capacity."),
        "administrator": Role("optional", True, "person", "Runs the introduction."),
        "approver": Role("none", True, "person", "Approves decisions that others propose."),
        "auditor": Role("none", True, "person", "Reads everything that is not personal data."),
        "operator": Role("none", True, "person", "Runs the platform's servers."),
        "service": Role("none", True, "system", "Calls other services for its own work."),
        "subscriber": Role("none", False, "system", "Receives events by webhooks of its own."),
        "provisioner": Role("none", True, "system", "Keeps persons up to date by SCIM."),
        "respondent": Role("required", False, "code", "Answers one round, by a one-time code."),
    }
)
PERSON_ROLES: tuple[RoleName, ...] = tuple(
    name for name in get_args(RoleName) if ROLES[name].held_by == "person"
)
