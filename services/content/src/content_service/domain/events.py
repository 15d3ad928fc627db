"""All domain events of this service; adapters/outbound.py translates them to contract events."""

from content_service.domain.assignment import AssignmentCompleted, AssignmentCreated
from content_service.domain.module import ModulePublished
from content_service.domain.practice import ActionCheckedBack, ActionChosen, MeetingHeld

DomainEvent = (
    ModulePublished
    | AssignmentCreated
    | AssignmentCompleted
    | MeetingHeld
    | ActionChosen
    | ActionCheckedBack
)

__all__ = [
    "ActionCheckedBack",
    "ActionChosen",
    "AssignmentCompleted",
    "AssignmentCreated",
    "DomainEvent",
    "MeetingHeld",
    "ModulePublished",
]
