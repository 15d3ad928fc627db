"""Reads of rollouts: what is, what may be done now by the caller, and why not the rest."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from workflow_service.application.ports import (
    JourneyFilter,
    PageOf,
    Reference,
    Transition,
    UnitOfWork,
)
from workflow_service.application.template.handlers import get_template, unknown_references
from workflow_service.domain.errors import DomainError, rollout_unknown
from workflow_service.domain.journey.turn import Outlook, Situation, outlook
from workflow_service.domain.rollout.commands import ActionView, allowed_actions, why_ended
from workflow_service.domain.rollout.rollout import Decision, Rollout


@dataclass(frozen=True, slots=True)
class RolloutView:
    """A rollout as one caller sees it. `counts_by_step` counts journeys; those that have not
    started count as `waiting`, those stopped as `stopped`. `unknown`: what its template names of
    other services that is not known, or not yet, and where (JSON pointer) it names it."""

    state: Rollout
    counts_by_step: dict[str, int]
    actions: tuple[ActionView, ...]
    unknown: Mapping[Reference, str]


@dataclass(frozen=True, slots=True)
class JourneyView:
    """A journey and what it waits for."""

    situation: Situation
    outlook: Outlook


async def get_rollout(
    rollout_id: UUID, by: str, uow: UnitOfWork, permitted: Collection[str]
) -> RolloutView:
    """The rollout for this caller, whose roles include the actions `permitted`.

    Raises DomainError `rollout-unknown`.
    """
    state = await uow.rollouts.get(rollout_id)
    if state is None:
        raise rollout_unknown(rollout_id)
    counts: Counter[str] = Counter()
    progress = await uow.rollouts.progress_of_all(rollout_id)
    for (status, step), count in progress.counts.items():
        counts[status if status in ("waiting", "stopped") else step] += count
    actions = allowed_actions(state, progress.statuses, by, permitted)
    stored = await get_template(state.template_id, state.template_version, uow)
    unknown = await unknown_references(stored.template, uow)
    return RolloutView(state, dict(counts), actions, unknown)


async def get_decision(rollout_id: UUID, uow: UnitOfWork) -> Decision:
    """The decision, once it is approved.

    Raises DomainError `rollout-unknown` or `decision-not-taken`.
    """
    state = await uow.rollouts.get(rollout_id)
    if state is None:
        raise rollout_unknown(rollout_id)
    if state.decision is None or state.decision.status != "approved":
        detail = "No decision about this rollout has been approved yet."
        raise DomainError("decision-not-taken", "not_found", detail)
    return state.decision


async def is_to_do(rollout_id: UUID, request_id: str, uow: UnitOfWork) -> bool:
    """Whether the rollout's workflow must be asked; False if the request has had its effect.

    Raises DomainError `rollout-unknown`, or `rollout-ended`: there is no workflow to ask any more.
    """
    # The rollout is read first: what ended it is then known as well.
    state = await uow.rollouts.get(rollout_id)
    if state is None:
        raise rollout_unknown(rollout_id)
    if await uow.rollouts.is_known(rollout_id, request_id):
        return False
    if reason := why_ended(state):
        raise DomainError(reason.code, "conflict", reason.detail)
    return True


async def list_journeys(
    rollout_id: UUID, wanted: JourneyFilter, page: PageOf, uow: UnitOfWork
) -> tuple[list[JourneyView], int]:
    """Some journeys by unit id, and how many match.

    Raises DomainError `rollout-unknown`.
    """
    state = await uow.rollouts.get(rollout_id)
    if state is None:
        raise rollout_unknown(rollout_id)
    template = (await get_template(state.template_id, state.template_version, uow)).template
    found, total = await uow.rollouts.situations_page(rollout_id, wanted, page)
    waiting = [each.journey.unit_id for each in found if each.journey.status == "waiting"]
    elsewhere = await uow.rollouts.under_way_elsewhere(rollout_id, waiting) if waiting else {}
    found = [replace(each, elsewhere=each.journey.unit_id in elsewhere) for each in found]
    now = await uow.now()
    return [JourneyView(each, outlook(each, template, state.pauses, now)) for each in found], total


async def list_transitions(
    rollout_id: UUID, page: PageOf, uow: UnitOfWork
) -> tuple[list[Transition], int]:
    """Accepted transitions, newest first. Raises DomainError `rollout-unknown`."""
    if await uow.rollouts.get(rollout_id) is None:
        raise rollout_unknown(rollout_id)
    return await uow.rollouts.transitions(rollout_id, page)
