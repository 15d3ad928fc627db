"""What may be done to a rollout now, by whom, and why not. Pure: the Update's validator, the API's
list of actions and the decider all ask these functions, so they cannot disagree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workflow_service.domain.errors import DomainError
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.waves import Wave


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: a stable code, and a sentence for people."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action, and why it is not allowed now, if so."""

    action: str
    why_not: Reason | None

    @property
    def allowed(self) -> bool:
        return self.why_not is None


def allowed_actions(state: Rollout, by: str) -> tuple[ActionView, ...]:
    """Every action, for this caller. What depends on parameters is refused by `check`."""
    return tuple(ActionView(action, why_not(state, action, by)) for action in c.ACTIONS)


def check_version(state: Rollout, expected_version: int | None) -> None:
    """Raises DomainError `stale-version`, telling what has changed since."""
    if expected_version is None or expected_version == state.version:
        return
    since = [f"{n.action} ({n.version})" for n in state.changes if n.version > expected_version]
    raise DomainError(
        "stale-version",
        "conflict",
        f"The rollout is at version {state.version}, not {expected_version}."
        f" Since then: {', '.join(since) or 'nothing that is known here'}. Read it again, then"
        " decide.",
    )


def check(state: Rollout, command: c.Command, by: str) -> None:
    """Raises DomainError of kind `conflict` if the command is not possible now, saying why."""
    reason = why_not(state, command.action, by) or _why_not_this(state, command)
    if reason:
        raise DomainError(reason.code, "conflict", reason.detail)


def why_not(state: Rollout, action: str, by: str) -> Reason | None:
    """Why the action is not allowed whatever its parameters; None if it is."""
    if reason := why_ended(state):
        return reason
    if state.status == "paused" and action not in ("resume", "stop"):
        return Reason("rollout-paused", "The rollout is paused. Resume it first.")
    reason = _RULES[action](state)
    return reason or (_four_eyes(state, by) if action == "approve_decision" else None)


def why_ended(state: Rollout) -> Reason | None:
    """Why no action at all is allowed any more; None while some may be."""
    if state.ended:
        return Reason("rollout-ended", f"The rollout is {state.status}; nothing more can be done.")
    return None


def _start_pilot(state: Rollout) -> Reason | None:
    if state.phase == "preparation":
        return None
    return Reason("pilot-started", "The pilot has been started already.")


def _in_evaluation(state: Rollout) -> Reason | None:
    if state.phase == "evaluation":
        return None
    return Reason(
        "not-in-evaluation",
        f"The rollout is in phase {state.phase}; this belongs to the evaluation of the pilot.",
    )


def _extend_pilot(state: Rollout) -> Reason | None:
    reason = _in_evaluation(state) or _not_overridden(state)
    if not reason and state.gate and state.gate.outcome == "pass":
        return Reason("gate-passed", "The gate is passed.")
    return reason


def _evaluate_gate(state: Rollout) -> Reason | None:
    return _in_evaluation(state) or _not_overridden(state)


def _not_overridden(state: Rollout) -> Reason | None:
    if state.gate and state.gate.override:
        return Reason(
            "gate-overridden", "The gate's outcome was set by a person. Propose a decision."
        )
    return None


def _override_gate(state: Rollout) -> Reason | None:
    return _in_evaluation(state) or _evaluated(state) or _not_overridden(state)


def _evaluated(state: Rollout) -> Reason | None:
    if state.gate:
        return None
    return Reason("gate-not-evaluated", "The pilot's gate has not been evaluated. Evaluate it.")


def _propose_decision(state: Rollout) -> Reason | None:
    if state.phase == "decision" and state.decision:
        if state.decision.status == "proposed":
            return Reason("decision-pending", "A decision is proposed. Approve or reject it first.")
        return Reason("decision-made", "The decision is made.")
    reason = _in_evaluation(state) or _evaluated(state)
    if reason or not state.gate:
        return reason
    if state.gate.outcome == "inconclusive":
        return Reason(
            "gate-inconclusive",
            "The gate is inconclusive. Extend the pilot, evaluate again, or override the gate with"
            " a reason.",
        )
    if state.evaluate_again_at:
        when = state.evaluate_again_at.isoformat(timespec="seconds")
        return Reason("pilot-extended", f"The pilot is extended; the gate is weighed again {when}.")
    return None


def _pending(state: Rollout) -> Reason | None:
    if state.decision and state.decision.status == "proposed":
        return None
    return Reason("no-decision-pending", "No decision is proposed.")


def _four_eyes(state: Rollout, by: str) -> Reason | None:
    if state.decision and state.decision.proposed_by == by:
        detail = "You proposed this decision; another administrator must approve it."
        return Reason("four-eyes", detail)
    return None


def _decided_to_introduce(state: Rollout) -> Reason | None:
    if state.phase == "broad_introduction":
        return Reason("introduction-started", "The wide introduction has started.")
    decision = state.decision
    wide = decision and (decision.status, decision.outcome) == ("approved", "broad_introduction")
    if state.phase == "decision" and wide:
        return None
    return Reason("not-decided", "There is no approved decision on a wide introduction.")


def _record_prerequisite(state: Rollout) -> Reason | None:
    if any(wave.status == "planned" and wave.missing for wave in state.waves):
        return None
    return Reason("no-prerequisite-missing", "No planned wave lacks a prerequisite.")


def _start_broad_introduction(state: Rollout) -> Reason | None:
    reason = _decided_to_introduce(state)
    if reason:
        return reason
    if not state.later_waves:
        return Reason("waves-not-planned", "The waves are not planned.")
    return why_wave_waits(state.later_waves[0])


def why_wave_waits(wave: Wave) -> Reason | None:
    """What the law still asks before the wave may start."""
    if not wave.missing:
        return None
    return Reason(
        "prerequisites-missing",
        f"Wave {wave.number} lacks: {', '.join(wave.missing)}. Record them first.",
    )


def _pause_unit(state: Rollout) -> Reason | None:
    if state.running_waves:
        return None
    return Reason("no-wave-running", "No unit's journey is under way.")


def _resume_unit(state: Rollout) -> Reason | None:
    return None if state.paused_units else Reason("no-unit-paused", "No unit is paused.")


def _always(state: Rollout) -> Reason | None:
    return None


def _resume(state: Rollout) -> Reason | None:
    if state.status == "paused":
        return None
    return Reason("rollout-not-paused", "The rollout is not paused.")


_RULES: Mapping[str, Callable[[Rollout], Reason | None]] = {
    "start_pilot": _start_pilot,
    "extend_pilot": _extend_pilot,
    "evaluate_gate": _evaluate_gate,
    "override_gate": _override_gate,
    "propose_decision": _propose_decision,
    "approve_decision": _pending,
    "reject_decision": _pending,
    "plan_waves": _decided_to_introduce,
    "record_prerequisite": _record_prerequisite,
    "start_broad_introduction": _start_broad_introduction,
    "pause_unit": _pause_unit,
    "resume_unit": _resume_unit,
    "stop_unit": _always,
    "pause": _always,
    "resume": _resume,
    "stop": _always,
}


def _why_not_this(state: Rollout, command: c.Command) -> Reason | None:
    """What the command's own parameters meet."""
    match command:
        case c.ProposeDecision(outcome="broad_introduction"):
            if state.gate and state.gate.outcome == "fail":
                return Reason(
                    "gate-failed",
                    "The gate failed: an adjusted pilot or a stop may be proposed, not a wide"
                    " introduction.",
                )
        case c.ApproveDecision() | c.RejectDecision():
            if state.decision and state.decision.decision_id != command.decision_id:
                return Reason(
                    "other-decision",
                    f"The proposed decision is {state.decision.decision_id}, not"
                    f" {command.decision_id}.",
                )
        case c.RecordPrerequisite():
            return _why_not_recorded(state, command)
        case c.PauseUnit() if command.unit_id in state.paused_units:
            return Reason("unit-paused", f"{command.unit_id} is paused already.")
        case c.ResumeUnit() if command.unit_id not in state.paused_units:
            return Reason("unit-not-paused", f"{command.unit_id} is not paused.")
        case _:
            pass
    return None


def _why_not_recorded(state: Rollout, command: c.RecordPrerequisite) -> Reason | None:
    wave = state.wave(command.wave)
    if wave is None:
        return Reason("wave-unknown", f"There is no wave {command.wave}.")
    if wave.status != "planned":
        return Reason("wave-started", f"Wave {command.wave} has been started.")
    if command.kind not in wave.missing:
        return Reason(
            "prerequisite-recorded", f"{command.kind} is recorded for wave {command.wave} already."
        )
    return None
