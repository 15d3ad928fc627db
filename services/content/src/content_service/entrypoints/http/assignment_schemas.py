"""Bodies of assignments."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from content_service.domain.assignment import Assignment, ItemStatus
from content_service.entrypoints.http.fields import (
    NO_NAMES,
    Id,
    Read,
    UnknownReferenceBody,
    Words,
)
from servicekit.request_body import RequestBody


class AssignBody(RequestBody):
    """The modules to put on the units' plans."""

    rollout_id: UUID
    unit_ids: Annotated[list[Id], Field(min_length=1, max_length=200)]
    module_ids: Annotated[list[Id], Field(min_length=1, max_length=50)]


class ItemStatusBody(RequestBody):
    """A unit's progress with an item."""

    status: Literal["started", "done", "waived"]
    reason: Words | None = Field(default=None, description=f"Why it is waived. {NO_NAMES}")


class ItemProgressBody(Read):
    """A unit's progress with one item."""

    item_id: str
    status: ItemStatus
    reason: str | None


class AssignmentBody(Read):
    """A module version on a unit's plan."""

    assignment_id: UUID
    rollout_id: UUID
    unit_id: str
    module_id: str
    module_version: int
    items: list[ItemProgressBody]
    items_finished: int = Field(description="Items done or waived.")
    completed: bool

    @classmethod
    def of(cls, assignment: Assignment) -> "AssignmentBody":
        return cls.model_validate(assignment)


class AssignedBody(BaseModel):
    """One assignment for each unit and module, new or not."""

    assignments: list[AssignmentBody]
    warnings: list[UnknownReferenceBody] = Field(
        description="What the request refers to and is not known here yet. GET /open-problems lists"
        " it until it is."
    )
