"""A unit as the workflow service last told: what scope checks and progress views need of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """`version` counts what was told, so that old news never replaces newer."""

    unit_id: str
    parent_id: str | None
    name: str
    headcount: int
    version: int
