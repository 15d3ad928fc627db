"""Use cases of rollouts. Each runs in one transaction on the rollout's locked row: decide, evolve,
change the journeys, record the events. A request id that is known has had its effect."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow_service.application.ports import Transition, UnitOfWork
from workflow_service.application.rollout.commands import Advanced, CreateRollout, PerformAction
from workflow_service.application.template.handlers import get_template
from workflow_service.domain.errors import DomainError, rollout_unknown
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.organisation.unit import Unit, UnitTree, takes_part
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout import events as e
from workflow_service.domain.rollout import rollout
from workflow_service.domain.rollout.decider import (
    Facts,
    decide,
    next_due,
    next_step,
    waves_to_nudge,
)
from workflow_service.domain.rollout.effects import effects
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.rules import check_version
from workflow_service.domain.rollout.waves import PILOT_WAVE

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
    state = rollout.create(command.rollout_id, command.name, template.template_id, template.version)
    pilots = set(command.pilot_unit_ids)
    journeys = [
        Journey(command.rollout_id, unit_id, PILOT_WAVE if unit_id in pilots else None)
        for unit_id in unit_ids
    ]
    detail = {"units": len(unit_ids), "pilot_unit_ids": list(command.pilot_unit_ids)}
    created = Transition(1, "create", "create", command.by, command.at, None, detail)
    await uow.rollouts.add(state, journeys, created)
    uow.record(
        e.RolloutCreated(state.rollout_id, state.name, template.template_id, template.version)
    )
    return state


def _chosen(command: CreateRollout, known: Mapping[str, Unit]) -> list[str]:
    tree = UnitTree((unit.unit_id, unit.facts.parent_id) for unit in known.values())
    able = {unit_id for unit_id, unit in known.items() if takes_part(unit, tree)}
    errors = []

    def report(pointer: str, unit_ids: Sequence[str]) -> None:
        for index, unit_id in enumerate(unit_ids):
            if unit_id not in able:
                why = "has no people or has units below it" if unit_id in known else "is unknown"
                detail = f"Unit {unit_id[:70]} {why}."
                errors.append({"pointer": f"{pointer}/{index}", "detail": detail})

    report("/body/pilot_unit_ids", command.pilot_unit_ids)
    report("/body/unit_ids", command.unit_ids or ())
    chosen = set(able if command.unit_ids is None else command.unit_ids) | set(
        command.pilot_unit_ids
    )
    if not chosen - set(command.pilot_unit_ids):
        detail = "Every unit is a pilot unit: none is left for a wide introduction."
        errors.append({"pointer": "/body/pilot_unit_ids", "detail": detail})
    if errors:
        detail = "The rollout's units are not right. Nothing was stored."
        raise DomainError("rollout-invalid", "invalid", detail, errors)
    return sorted(chosen)


async def perform(command: PerformAction, uow: UnitOfWork) -> Advanced:
    """Carry out an administrator's action, and what follows from it at once.

    Raises DomainError if the action is not possible now, saying why.
    """
    request, now = command.request, command.at
    state = await _lock(command.rollout_id, uow)
    if await uow.rollouts.is_known(state.rollout_id, request.request_id):
        return Advanced(state, state.running_waves, next_due(state))
    check_version(state, request.expected_version)
    facts = await _facts(state, uow)
    events = decide(state, request.command, request.by, now, facts)
    transition = Transition(
        version=state.version + 1,
        request_id=request.request_id,
        action=request.command.action,
        by=request.by,
        at=now,
        reason=getattr(request.command, "reason", None)
        or getattr(request.command, "reasons", None),
        detail=_detail(request.command),
    )
    state = await _accept(state, transition, events, facts, uow)
    return await _follow_up(state, waves_to_nudge(state, events), now, uow)


async def advance(rollout_id: UUID, now: datetime, uow: UnitOfWork) -> Advanced:
    """Carry out what time and evidence make due. Raises DomainError `rollout-unknown`."""
    return await _follow_up(await _lock(rollout_id, uow), (), now, uow)


async def _follow_up(
    state: Rollout, nudge: tuple[int, ...], now: datetime, uow: UnitOfWork
) -> Advanced:
    touched = set(nudge)
    while state.status == "active":
        facts = await _facts(state, uow)
        due = next_step(state, now, facts)
        if due is None:
            break
        step, events = due
        version = state.version + 1
        transition = Transition(
            *(version, f"{WORKFLOW}:{version}", step.action, WORKFLOW, now, None, _detail(step))
        )
        state = await _accept(state, transition, events, facts, uow)
        touched.update(waves_to_nudge(state, events))
    return Advanced(state, tuple(sorted(touched)), next_due(state))


async def _lock(rollout_id: UUID, uow: UnitOfWork) -> Rollout:
    state = await uow.rollouts.lock(rollout_id)
    if state is None:
        raise rollout_unknown(rollout_id)
    return state


async def _facts(state: Rollout, uow: UnitOfWork) -> Facts:
    stored = await get_template(state.template_id, state.template_version, uow)
    units = await uow.units.all()
    return Facts(
        template=stored.template,
        journeys=await uow.rollouts.journeys(state.rollout_id),
        headcounts={unit_id: unit.facts.headcount for unit_id, unit in units.items()},
        pilot=await uow.rollouts.pilot_evidence(state.rollout_id),
    )


async def _accept(
    state: Rollout,
    transition: Transition,
    events: Sequence[e.RolloutEvent],
    facts: Facts,
    uow: UnitOfWork,
) -> Rollout:
    journeys = dict(facts.journeys)
    changed: dict[str, Journey] = {}
    for event in events:
        state = rollout.evolve(state, event)
        uow.record(event)
        after, told = effects(event, journeys, facts.headcounts)
        changed |= {journey.unit_id: journey for journey in after}
        journeys |= changed
        for journey_event in told:
            uow.record(journey_event)
    state = state.accepted(transition.action)
    await uow.rollouts.save(state, transition)
    await uow.rollouts.save_journeys(list(changed.values()))
    return state


def _detail(command: c.Command | c.Step) -> dict[str, Any]:
    """The command's parameters, for the history. Its reason stands beside them."""
    assert is_dataclass(command)
    hidden = ("action", "reason", "reasons")
    return {f.name: getattr(command, f.name) for f in fields(command) if f.name not in hidden}
