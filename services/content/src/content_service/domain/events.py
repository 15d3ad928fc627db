"""All domain events of this service; adapters/outbound.py translates them to contract events."""

from content_service.domain.assignment import AssignmentCompleted, AssignmentCreated
from content_service.domain.correction import (
    ActionCorrected,
    ActionWithdrawn,
    CheckBackWithdrawn,
    MeetingCorrected,
    MeetingWithdrawn,
)
from content_service.domain.module import ModulePublished
from content_service.domain.practice import ActionCheckedBack, ActionChosen, MeetingHeld

DomainEvent = (
    ModulePublished
    | AssignmentCreated
    | AssignmentCompleted
    | MeetingHeld
    | ActionChosen
    | ActionCheckedBack
    | MeetingCorrected
    | MeetingWithdrawn
    | ActionCorrected
    | ActionWithdrawn
    | CheckBackWithdrawn
)

__all__ = [
    "ActionCheckedBack",
    "ActionChosen",
    "ActionCorrected",
    "ActionWithdrawn",
    "AssignmentCompleted",
    "AssignmentCreated",
    "CheckBackWithdrawn",
    "DomainEvent",
    "MeetingCorrected",
    "MeetingHeld",
    "MeetingWithdrawn",
    "ModulePublished",
]
