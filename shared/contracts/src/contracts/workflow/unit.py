"""Events of the organisation's units."""

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
    """The unit's name, parent, kind or headcount changed; carries the whole new state."""

    unit_id: UnitId
    parent_id: UnitId | None
    name: str
    kind: str
    headcount: Annotated[int, Field(ge=0)]
    version: Annotated[int, Field(ge=1)]


class UnitManagerAssigned(Event, type="workflow.unit.manager_assigned.v1", key="unit_id"):
    """The unit has a (new) manager. The journey stays with the unit."""

    unit_id: UnitId
    manager_id: Annotated[str, Field(description="Opaque recipient id.")]
    version: Annotated[int, Field(ge=1)]
