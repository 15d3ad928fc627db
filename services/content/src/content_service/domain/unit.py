"""A unit as last published by the workflow service: what scope checks and progress views need."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Unit:
    """`version` grows with each change, so that an old event never replaces newer data.

    `dissolved_on` is the first day without it: what it did stays, and nothing is added.
    """

    unit_id: str
    parent_id: str | None
    name: str
    headcount: int
    version: int
    dissolved_on: date | None = None
