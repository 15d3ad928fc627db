"""Events of the organisation's units."""

from datetime import date
from typing import Annotated

from pydantic import Field

from contracts.envelope import Event
from contracts.vocabulary import (
    UnitId,
)


class UnitRegistered(Event, type="workflow.unit.registered.v1", key="unit_id"):
    """A unit is new in the organisation tree."""

    unit_id: UnitId
    parent_id: UnitId | None
    name: str
    kind: Annotated[
        str, Field(description="region, administration, operation or unit.", examples=["unit"])
    ]
    headcount: Annotated[int, Field(ge=0)]
    version: Annotated[int, Field(ge=1, description="Counts the unit's changes; never goes back.")]


class UnitChanged(Event, type="workflow.unit.changed.v1", key="unit_id"):
    """The unit's name, parent, kind or headcount changed, or it ended; carries the whole new state.

    A unit that ended has no people. It stands below its successor, if it has one, so that whoever
    leads that unit has its history too.
    """

    unit_id: UnitId
    parent_id: UnitId | None
    name: str
    kind: str
    headcount: Annotated[int, Field(ge=0)]
    version: Annotated[int, Field(ge=1)]
    dissolved_on: Annotated[
        date | None, Field(description="The first day without the unit, in Sweden.")
    ] = None
    successor_id: Annotated[
        UnitId | None, Field(description="The unit that it was merged into.")
    ] = None


class UnitManagerAssigned(
    Event,
    type="workflow.unit.manager_assigned.v1",
    key="unit_id",
    retired="people.unit.manager_changed.v1, which says that there is a manager and never who",
):
    """The unit has a (new) manager. The journey stays with the unit."""

    unit_id: UnitId
    manager_id: Annotated[str, Field(description="Opaque recipient id.")]
    version: Annotated[int, Field(ge=1)]
