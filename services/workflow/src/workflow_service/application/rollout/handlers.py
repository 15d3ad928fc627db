"""Use cases of rollouts. Each runs in one transaction on the rollout's locked row: decide, evolve,
change the journeys, record the events. A request id that is known has had its effect.

What a transition does not need is not loaded: its work grows with what it changes, not with the
rollout."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow_service.application.ports import JourneyFilter, Transition, UnitOfWork
from workflow_service.application.rollout.commands import (
    Advanced,
    CreateRollout,
    PerformAction,
    permission_for,
)
from workflow_service.application.template.handlers import get_template
from workflow_service.domain.errors import DomainError, rollout_unknown
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.organisation.unit import Unit, UnitTree, takes_part
from workflow_service.domain.rollout import rollout
from workflow_service.domain.rollout.advance import next_due, next_step
from workflow_service.domain.rollout.commands import check, check_version
from workflow_service.domain.rollout.evaluation import EvaluateAgain
from workflow_service.domain.rollout.rollout import MAX_UNITS, Rollout
from workflow_service.domain.rollout.transition import Command, Facts, Member, Needs, Step
from workflow_service.domain.rollout.waves import PILOT_WAVE
from workflow_service.domain.template.template import RolloutTemplate

WORKFLOW = "workflow"


async def create_rollout(command: CreateRollout, uow: UnitOfWork) -> Rollout:
    """The new rollout, with a waiting journey for each of its units.

    Raises DomainError `template-unknown`, or `rollout-invalid` naming every unit that cannot take
    part.
    """
    stored = await get_template(command.template_id, command.template_version, uow)
    # No import takes a unit's people away, or puts others below it, before its journey is stored.
    await uow.units.lock_tree()
    known = await uow.units.all()
    unit_ids = _chosen(command, known)
    template = stored.template
    pilots = set(command.pilot_unit_ids)
    state, event = rollout.create(
        command.rollout_id,
        command.name,
        template.template_id,
        template.version,
        unit_ids=tuple(unit_ids),
        pilot_units=len(pilots),
    )
    journeys = [
        Journey(command.rollout_id, unit_id, PILOT_WAVE if unit_id in pilots else None)
        for unit_id in unit_ids
    ]
    detail = {"units": len(unit_ids), "pilot_unit_ids": list(command.pilot_unit_ids)}
    created = Transition(1, "create", "create", command.by, await uow.now(), None, detail)
    await uow.rollouts.add(state, journeys, created)
    uow.record(event)
    about = {"name": state.name, "template": f"{template.template_id}/{template.version}"}
    subject = f"rollout/{state.rollout_id}"
    uow.audit("rollouts.act/create_rollout", subject, after={**about, **detail})
    return state


def _chosen(command: CreateRollout, known: Mapping[str, Unit]) -> list[str]:
    living = (unit for unit in known.values() if unit.dissolved_on is None)
    tree = UnitTree((unit.unit_id, unit.facts.parent_id) for unit in living)
    able = {
        unit_id for unit_id, unit in known.items() if takes_part(unit, leaf=tree.is_leaf(unit_id))
    }
    errors = []

    def report(pointer: str, unit_ids: Sequence[str]) -> None:
        seen: set[str] = set()
        for index, unit_id in enumerate(unit_ids):
            if unit_id in seen:
                detail = f"Unit {unit_id[:70]} is listed twice. Remove one."
                errors.append({"pointer": f"{pointer}/{index}", "detail": detail})
            seen.add(unit_id)
            if unit_id not in able:
                why = "is unknown"
                if unit_id in known:
                    why = "has no people, has units below it or is dissolved"
                detail = f"Unit {unit_id[:70]} {why}."
                errors.append({"pointer": f"{pointer}/{index}", "detail": detail})

    report("/pilot_unit_ids", command.pilot_unit_ids)
    report("/unit_ids", command.unit_ids or ())
    chosen = set(able if command.unit_ids is None else command.unit_ids) | set(
        command.pilot_unit_ids
    )
    if not chosen - set(command.pilot_unit_ids):
        detail = "Every unit is a pilot unit: none is left for a wide introduction."
        errors.append({"pointer": "/pilot_unit_ids", "detail": detail})
    if len(chosen) > MAX_UNITS:
        detail = (
            f"These are {len(chosen)} units; a rollout has {MAX_UNITS} at most. List fewer, and"
            " begin another rollout for the rest."
        )
        errors.append({"pointer": "/unit_ids", "detail": detail})
    if errors:
        detail = "The rollout's units are not right. Nothing was stored."
        raise DomainError("rollout-invalid", "invalid", detail, errors)
    return sorted(chosen)


async def perform(command: PerformAction, uow: UnitOfWork) -> Advanced:
    """Carry out an administrator's action, and what follows from it at once.

    Raises DomainError if the action is not possible now, with the reason.
    """
    request = command.request
    state = await _lock(command.rollout_id, uow)
    if await uow.rollouts.is_known(state.rollout_id, request.request_id):
        return Advanced(state, state.running_waves, next_due(state))
    check_version(state, request.expected_version)
    check(state, request.command, request.by)
    template = await _template(state, uow)
    before = state
    state, nudge = await _accept(
        state, request.command, request.by, request.request_id, template, uow
    )
    _note(before, state, request.command, uow)
    return await _follow_up(state, nudge, template, uow)


async def advance(rollout_id: UUID, uow: UnitOfWork) -> Advanced:
    """Carry out what time and evidence make due. Raises DomainError `rollout-unknown`."""
    state = await _lock(rollout_id, uow)
    return await _follow_up(state, (), await _template(state, uow), uow)


async def evaluate_again(rollout_id: UUID, uow: UnitOfWork) -> None:
    """Weigh the pilot again because its evidence was corrected, if it is being evaluated and no
    person has set the outcome. Nothing for a rollout that is not known."""
    state = await uow.rollouts.lock(rollout_id)
    if state is None:
        return
    weighed = state.phase == "evaluation" and state.gate and not state.gate.override
    if weighed and state.status == "active":
        request_id = f"{WORKFLOW}:{state.version + 1}"
        template = await _template(state, uow)
        await _accept(state, EvaluateAgain(), WORKFLOW, request_id, template, uow)


async def _follow_up(
    state: Rollout, nudge: Sequence[int], template: RolloutTemplate, uow: UnitOfWork
) -> Advanced:
    touched, waits = set(nudge), False
    while step := await _due(state, template, uow):
        if waits := await _waits_for_others(step, state, template, uow):
            break
        request_id = f"{WORKFLOW}:{state.version + 1}"
        state, more = await _accept(state, step, WORKFLOW, request_id, template, uow)
        touched.update(more)
    return Advanced(state, tuple(sorted(touched)), None if waits else next_due(state))


async def _due(state: Rollout, template: RolloutTemplate, uow: UnitOfWork) -> Step | None:
    running = state.running_waves
    progress = await uow.rollouts.progress(state.rollout_id, running) if running else {}
    return next_step(state, await uow.now(), progress, template)


async def _waits_for_others(
    step: Step, state: Rollout, template: RolloutTemplate, uow: UnitOfWork
) -> bool:
    """Whether a unit of this step is under way in another rollout; no clock says for how long."""
    needs = step.needs(state)
    return needs.elsewhere and bool((await _facts(state, needs, template, uow)).elsewhere)


async def _lock(rollout_id: UUID, uow: UnitOfWork) -> Rollout:
    state = await uow.rollouts.lock(rollout_id)
    if state is None:
        raise rollout_unknown(rollout_id)
    return state


async def _template(state: Rollout, uow: UnitOfWork) -> RolloutTemplate:
    return (await get_template(state.template_id, state.template_version, uow)).template


async def _accept(
    state: Rollout,
    step: Step,
    by: str,
    request_id: str,
    template: RolloutTemplate,
    uow: UnitOfWork,
) -> tuple[Rollout, tuple[int, ...]]:
    """The rollout after the transition, and the waves that must look again."""
    now = await uow.now()
    facts = await _facts(state, step.needs(state), template, uow)
    members = dict(facts.members)
    changed: dict[str, Journey] = {}
    touched: set[int] = set()
    for event in step.decide(state, facts, by, now):
        state = event.evolve(state)
        uow.record(event)
        journeys, journey_events = event.effects(members)
        for journey in journeys:
            changed[journey.unit_id] = journey
            members[journey.unit_id] = Member(journey, members[journey.unit_id].headcount)
        for journey_event in journey_events:
            uow.record(journey_event)
        touched.update(event.waves_to_nudge(state))
    state = state.accepted(step.action)
    await uow.rollouts.save(state, _transition(state, step, by, request_id, now))
    await uow.rollouts.save_journeys(list(changed.values()))
    return state, tuple(sorted(touched))


async def _facts(state: Rollout, needs: Needs, template: RolloutTemplate, uow: UnitOfWork) -> Facts:
    wanted = None
    if needs.every_unit:
        wanted = JourneyFilter()
    elif needs.unit_ids:
        wanted = JourneyFilter(unit_ids=needs.unit_ids)
    elif needs.wave is not None:
        wanted = JourneyFilter(wave=needs.wave)
    members = await uow.rollouts.members(state.rollout_id, wanted) if wanted else {}
    return Facts(
        template=template,
        members=members,
        elsewhere=await _elsewhere(state, members, uow) if needs.elsewhere else {},
        pilot=await uow.rollouts.pilot_evidence(state.rollout_id) if needs.pilot_evidence else (),
    )


async def _elsewhere(
    state: Rollout, members: Mapping[str, Member], uow: UnitOfWork
) -> dict[str, UUID]:
    # No other rollout starts units meanwhile: of two at once, the second sees the first's.
    await uow.units.lock_tree()
    going = [unit_id for unit_id, member in members.items() if not member.journey.ended]
    return await uow.rollouts.under_way_elsewhere(state.rollout_id, going)


def _note(before: Rollout, after: Rollout, command: Command, uow: UnitOfWork) -> None:
    """A decision's reasons are its text, and not why somebody acted: they are not noted."""
    parameters = _parameters(command)
    reason = parameters.pop("reason", None) or ""
    parameters.pop("reasons", None)
    uow.audit(
        f"{permission_for(command.action)}/{command.action}",
        f"rollout/{before.rollout_id}",
        _place(before),
        {**_place(after), "parameters": parameters},
        reason,
    )


def _place(state: Rollout) -> dict[str, Any]:
    return {"version": state.version, "phase": state.phase, "status": state.status}


def _transition(state: Rollout, step: Step, by: str, request_id: str, now: datetime) -> Transition:
    """The accepted transition, with the step's parameters. Its reason is a field of its own."""
    parameters = _parameters(step)
    reason = parameters.pop("reason", None) or parameters.pop("reasons", None)
    return Transition(state.version, request_id, step.action, by, now, reason, parameters)


def _parameters(step: Step) -> dict[str, Any]:
    named = (f.name for f in fields(step) if f.name != "action")  # type: ignore[arg-type]
    return {name: getattr(step, name) for name in named}
