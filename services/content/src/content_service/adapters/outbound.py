"""Domain events as contract events: what this service publishes. No names, no free text."""

from collections.abc import Sequence
from typing import Any, assert_never

from content_service.domain import events
from content_service.domain.events import DomainEvent
from content_service.domain.practice import Action, Meeting
from contracts import Event
from contracts import content as contract

Correction = (
    events.MeetingCorrected
    | events.MeetingWithdrawn
    | events.ActionCorrected
    | events.ActionWithdrawn
    | events.CheckBackWithdrawn
)


def translate(event: DomainEvent) -> Sequence[Event]:
    """The contract events that a domain event causes, in order."""
    match event:
        case events.ModulePublished():
            return [
                contract.ModulePublished(
                    module_id=event.module_id, version=event.version, behaviours=event.behaviours
                )
            ]
        case events.AssignmentCreated(assignment):
            return [
                contract.AssignmentCreated(
                    assignment_id=assignment.assignment_id,
                    rollout_id=assignment.rollout_id,
                    unit_id=assignment.unit_id,
                    module_id=assignment.module_id,
                    module_version=assignment.module_version,
                )
            ]
        case events.AssignmentCompleted(assignment):
            return [
                contract.AssignmentCompleted(
                    assignment_id=assignment.assignment_id,
                    rollout_id=assignment.rollout_id,
                    unit_id=assignment.unit_id,
                    module_id=assignment.module_id,
                )
            ]
        case events.MeetingHeld() | events.ActionChosen() | events.ActionCheckedBack():
            return [_practice(event)]
        case (
            events.MeetingCorrected()
            | events.MeetingWithdrawn()
            | events.ActionCorrected()
            | events.ActionWithdrawn()
            | events.CheckBackWithdrawn()
        ):
            return [_correction(event)]
        case _:
            assert_never(event)


def _correction(event: Correction) -> Event:
    match event:
        case events.MeetingCorrected(meeting):
            return contract.MeetingCorrected(**_meeting_ids(meeting))
        case events.MeetingWithdrawn(meeting):
            return contract.MeetingWithdrawn(**_meeting_ids(meeting))
        case events.ActionCorrected(action):
            return contract.ActionCorrected(**_action_ids(action))
        case events.ActionWithdrawn(action):
            return contract.ActionWithdrawn(**_action_ids(action))
        case events.CheckBackWithdrawn(action):
            return contract.ActionCheckBackWithdrawn(**_action_ids(action))


def _meeting_ids(meeting: Meeting) -> dict[str, Any]:
    ids = ("meeting_id", "rollout_id", "unit_id")
    return {name: getattr(meeting, name) for name in ids}


def _action_ids(action: Action) -> dict[str, Any]:
    return {name: getattr(action, name) for name in ("action_id", "rollout_id", "unit_id")}


def _practice(event: events.MeetingHeld | events.ActionChosen | events.ActionCheckedBack) -> Event:
    match event:
        case events.MeetingHeld(meeting):
            return contract.MeetingHeld(
                meeting_id=meeting.meeting_id,
                rollout_id=meeting.rollout_id,
                unit_id=meeting.unit_id,
                assignment_id=meeting.assignment_id,
                variant=meeting.variant,
                held_on=meeting.held_on,
                headcount=meeting.headcount,
            )
        case events.ActionChosen(action):
            return contract.ActionChosen(
                action_id=action.action_id,
                rollout_id=action.rollout_id,
                unit_id=action.unit_id,
                behaviour=action.behaviour,
                check_back_on=action.check_back_on,
            )
        case events.ActionCheckedBack(action, outcome):
            return contract.ActionCheckedBack(
                action_id=action.action_id,
                rollout_id=action.rollout_id,
                unit_id=action.unit_id,
                outcome=outcome,
            )
