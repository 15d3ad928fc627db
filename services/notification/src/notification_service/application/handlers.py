"""Use cases about messages to people, which events cause. They never commit."""

import logging
from collections.abc import Mapping, Sequence

from notification_service.application.commands import (
    AnnounceDecision,
    AnnounceManager,
    AnnounceModules,
    CallForPerson,
    RememberUnit,
    RemindOfEnd,
    ReportStuckJourney,
)
from notification_service.application.ports import UnitOfWork
from notification_service.domain.message import TemplateName, address_to

log = logging.getLogger(__name__)


async def remember_unit(command: RememberUnit, uow: UnitOfWork) -> None:
    """Keep the unit's name, for use in messages."""
    await uow.units.remember(command.unit_id, command.name, command.version)


async def announce_modules(command: AnnounceModules, uow: UnitOfWork) -> None:
    """One message to the unit's manager, however many modules are assigned in this rollout."""
    await address(
        uow,
        "modules_assigned",
        [command.rollout_id, command.unit_id],
        await uow.recipients.managers_of(command.unit_id),
        {"rollout_id": str(command.rollout_id), "unit_id": command.unit_id},
    )


async def announce_manager(command: AnnounceManager, uow: UnitOfWork) -> None:
    """One message to each manager who came with the last change, once per person and unit."""
    newcomers = await uow.recipients.new_managers_of(command.unit_id)
    facts = {"unit_id": command.unit_id}
    messages = address_to("manager_assigned", [command.unit_id], newcomers, facts)
    await uow.messages.add(messages, await uow.now())


async def remind_of_end(command: RemindOfEnd, uow: UnitOfWork) -> None:
    """One message to who stands in and one to for whom, once per delegation."""
    both = await uow.recipients.of_delegation(command.delegation_id)
    facts = {"delegation_id": str(command.delegation_id), "ends_on": command.ends_on.isoformat()}
    messages = address_to("delegation_ends", [command.delegation_id], both, facts)
    await uow.messages.add(messages, await uow.now())


async def call_for_person(command: CallForPerson, uow: UnitOfWork) -> None:
    """One message to every administrator: a gate waits for their assessment."""
    await address(
        uow,
        "gate_needs_person",
        [command.evaluation_id],
        await uow.recipients.administrators(),
        {"rollout_id": str(command.rollout_id)},
    )


async def report_stuck_journey(command: ReportStuckJourney, uow: UnitOfWork) -> None:
    """One message to every administrator: a unit cannot go on before something is corrected."""
    await address(
        uow,
        "journey_stuck",
        [command.event_id],
        await uow.recipients.administrators(),
        {"unit_id": command.unit_id, "code": command.code},
    )


async def announce_decision(command: AnnounceDecision, uow: UnitOfWork) -> None:
    """One message to every manager: the decision is published."""
    await address(
        uow,
        "decision_published",
        [command.decision_id],
        await uow.recipients.managers(),
        {"rollout_id": str(command.rollout_id)},
    )


async def address(
    uow: UnitOfWork,
    template: TemplateName,
    occasion: Sequence[object],
    recipients: Sequence[str],
    facts: Mapping[str, str],
) -> None:
    """One message to each recipient, once per occasion."""
    if not recipients:
        log.warning("%s: there is nobody to write to, %s", template, dict(facts))
    messages = address_to(template, occasion, recipients, facts)
    await uow.messages.add(messages, await uow.now())
