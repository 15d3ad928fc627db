"""Every command of a rollout, and the one answer to whether it is possible now and why not.

The Update's validator, the API's list of actions and the decider all ask these functions, so they
cannot disagree.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import get_args

from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Status
from workflow_service.domain.rollout.decision import (
    ApproveDecision,
    ProposeDecision,
    RejectDecision,
)
from workflow_service.domain.rollout.evaluation import EvaluateGate, ExtendPilot, OverrideGate
from workflow_service.domain.rollout.introduction import (
    PlanWaves,
    RecordPrerequisite,
    StartBroadIntroduction,
)
from workflow_service.domain.rollout.pilot import StartPilot
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.standstill import (
    Pause,
    PauseUnit,
    Resume,
    ResumeUnit,
    Stop,
    StopUnit,
)
from workflow_service.domain.rollout.transition import Command, Reason

AnyCommand = (
    StartPilot
    | ExtendPilot
    | EvaluateGate
    | OverrideGate
    | ProposeDecision
    | ApproveDecision
    | RejectDecision
    | PlanWaves
    | RecordPrerequisite
    | StartBroadIntroduction
    | PauseUnit
    | ResumeUnit
    | StopUnit
    | Pause
    | Resume
    | Stop
)


def _action_of(command: type[Command]) -> str:
    """The default of its field `action`."""
    return next(str(f.default) for f in fields(command) if f.name == "action")  # type: ignore[arg-type]


COMMANDS: dict[str, type[Command]] = {_action_of(each): each for each in get_args(AnyCommand)}
"""Every command class by the name of its action."""


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action, and why it is not possible now, if so."""

    action: str
    why_not: Reason | None

    @property
    def allowed(self) -> bool:
        return self.why_not is None


_NOT_YOUR_ROLE = Reason("not-your-role", "Your roles for the whole region do not include it.")


def allowed_actions(
    state: Rollout, journeys: Collection[Status], by: str, permitted: Collection[str]
) -> tuple[ActionView, ...]:
    """Every action, for this caller, whose roles include those `permitted`; `journeys` are the
    statuses that occur in the rollout. What depends on parameters is refused by `check` and the
    decider."""
    return tuple(
        ActionView(
            name,
            _NOT_YOUR_ROLE
            if name not in permitted
            else why_not(state, each, by) or each.why_for_none(journeys),
        )
        for name, each in COMMANDS.items()
    )


def check(state: Rollout, command: Command, by: str) -> None:
    """Raises DomainError of kind `conflict` if the command is not possible now, with the reason."""
    reason = why_not(state, type(command), by) or command.why_not_this(state)
    if reason:
        raise DomainError(reason.code, "conflict", reason.detail)


def why_not(state: Rollout, command: type[Command], by: str) -> Reason | None:
    """Why the command is not possible whatever its parameters; None if it is."""
    if reason := why_ended(state):
        return reason
    if state.status == "paused" and not command.while_paused:
        return Reason("rollout-paused", "The rollout is paused. Resume it first.")
    return command.why_not(state, by)


def why_ended(state: Rollout) -> Reason | None:
    """Why no action at all is possible any more; None while some may be."""
    if state.ended:
        return Reason("rollout-ended", f"The rollout is {state.status}; nothing more can be done.")
    return None


def check_version(state: Rollout, expected_version: int | None) -> None:
    """Raises DomainError `stale-version`, listing what has changed since."""
    if expected_version is None or expected_version == state.version:
        return
    since = [f"{n.action} ({n.version})" for n in state.changes if n.version > expected_version]
    changes = f" Since then: {', '.join(since)}." if since else ""
    raise DomainError(
        "stale-version",
        "conflict",
        f"The rollout is at version {state.version}, not {expected_version}."
        f"{changes} Read it again, then"
        " decide.",
    )
