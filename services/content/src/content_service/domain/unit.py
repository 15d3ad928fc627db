"""A unit as last published by the workflow service: what scope checks and progress views need."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """`version` grows with each change, so that an old event never replaces newer data."""

    unit_id: str
    parent_id: str | None
    name: str
    headcount: int
    version: int
