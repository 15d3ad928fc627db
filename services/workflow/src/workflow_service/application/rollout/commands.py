"""Frozen inputs and results of the rollout use cases."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from workflow_service.application.ports import ActionRequest
from workflow_service.domain.organisation.unit_change import Change
from workflow_service.domain.rollout.rollout import Rollout

_APPROVALS = ("approve_decision", "reject_decision")


def permission_for(action: str) -> str:
    """What a caller needs for an action of a rollout."""
    return "decisions.approve" if action in _APPROVALS else "rollouts.act"


@dataclass(frozen=True, slots=True)
class CreateRollout:
    """`template_version` None takes the newest; `unit_ids` None takes every unit that can."""

    rollout_id: UUID
    name: str
    template_id: str
    template_version: int | None
    pilot_unit_ids: tuple[str, ...]
    unit_ids: tuple[str, ...] | None
    by: str


@dataclass(frozen=True, slots=True)
class PerformAction:
    """An accepted request on its way into the store."""

    rollout_id: UUID
    request: ActionRequest


@dataclass(frozen=True, slots=True)
class Advanced:
    """A rollout after a transition: its state, the waves to nudge, and when time acts next."""

    state: Rollout
    nudge: tuple[int, ...]
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class PlanUnitChange:
    """Change the organisation on a day; a dry run only reports what would come of it."""

    change_id: UUID
    change: Change
    effective_on: date
    reason: str
    by: str
    dry_run: bool
