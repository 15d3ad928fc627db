"""Use cases about messages to people, which events cause. They never commit."""

import logging
from collections.abc import Mapping, Sequence

from notification_service.application.commands import (
    AnnounceDecision,
    AnnounceExtension,
    AnnounceManager,
    AnnounceModules,
    CallForPerson,
    EndInvitations,
    InviteJoiners,
    InviteToRound,
    RememberUnit,
    RemindOfEnd,
    ReportStuckJourney,
)
from notification_service.application.ports import OpenRound, UnitOfWork
from notification_service.domain.message import CLOSED, INVITATIONS, TemplateName, address_to

log = logging.getLogger(__name__)


async def remember_unit(command: RememberUnit, uow: UnitOfWork) -> None:
    """Keep the unit's name, for use in messages."""
    await uow.units.remember(command.unit_id, command.name, command.version)


async def invite_to_round(command: InviteToRound, uow: UnitOfWork) -> None:
    """One message to everyone in the unit, with a different text for rounds after the baseline."""
    opened = OpenRound(command.round_id, command.unit_id, command.occasion, command.closes_at)
    await uow.open_rounds.lock(command.unit_id)
    await uow.open_rounds.add(opened)
    await _invite(opened, await uow.recipients.of_unit(command.unit_id), uow)


async def invite_joiners(command: InviteJoiners, uow: UnitOfWork) -> None:
    """Those of the unit who have no invitation to a round that is open get it."""
    await uow.open_rounds.lock(command.unit_id)
    rounds = await uow.open_rounds.of_unit(command.unit_id, await uow.now())
    if rounds:
        recipients = await uow.recipients.of_unit(command.unit_id)
        for opened in rounds:
            await _invite(opened, recipients, uow)


async def _invite(opened: OpenRound, recipients: Sequence[str], uow: UnitOfWork) -> None:
    facts = {
        "round_id": str(opened.round_id),
        "unit_id": opened.unit_id,
        "closes_at": opened.closes_at.isoformat(),
    }
    template: TemplateName = "round_opened" if opened.occasion == "baseline" else "follow_up_opened"
    await _address(uow, template, [opened.round_id], recipients, facts)


async def announce_extension(command: AnnounceExtension, uow: UnitOfWork) -> None:
    """One message to those of the unit who were invited, for each new closing time.

    An invitation that is not sent yet gets the new time too, so that it promises no other.
    """
    await uow.open_rounds.lock(command.unit_id)
    await uow.open_rounds.move(command.round_id, command.closes_at)
    people = await uow.recipients.of_unit(command.unit_id)
    invitations = {
        message.message_id: message.recipient_id
        for template in INVITATIONS
        for message in address_to(template, [command.round_id], people, {})
    }
    invited = [invitations[id_] for id_ in await uow.messages.stored(invitations)]
    closes_at = command.closes_at.isoformat()
    await uow.messages.correct(invitations, {"closes_at": closes_at})
    facts = {
        "round_id": str(command.round_id),
        "unit_id": command.unit_id,
        "closes_at": closes_at,
    }
    await _address(uow, "round_extended", [command.round_id, closes_at], invited, facts)


async def end_invitations(command: EndInvitations, uow: UnitOfWork) -> None:
    """What is not sent about the round is not sent any more: it would promise a time gone by."""
    await uow.open_rounds.remove(command.round_id)
    await uow.messages.add_fact(command.round_id, CLOSED, "yes")


async def announce_modules(command: AnnounceModules, uow: UnitOfWork) -> None:
    """One message to the unit's manager, however many modules are assigned in this rollout."""
    await _address(
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
    await _address(
        uow,
        "gate_needs_person",
        [command.evaluation_id],
        await uow.recipients.administrators(),
        {"rollout_id": str(command.rollout_id)},
    )


async def report_stuck_journey(command: ReportStuckJourney, uow: UnitOfWork) -> None:
    """One message to every administrator: a unit cannot go on before something is corrected."""
    await _address(
        uow,
        "journey_stuck",
        [command.event_id],
        await uow.recipients.administrators(),
        {"unit_id": command.unit_id, "code": command.code},
    )


async def announce_decision(command: AnnounceDecision, uow: UnitOfWork) -> None:
    """One message to every manager: the decision is published."""
    await _address(
        uow,
        "decision_published",
        [command.decision_id],
        await uow.recipients.managers(),
        {"rollout_id": str(command.rollout_id)},
    )


async def _address(
    uow: UnitOfWork,
    template: TemplateName,
    occasion: Sequence[object],
    recipients: Sequence[str],
    facts: Mapping[str, str],
) -> None:
    if not recipients:
        log.warning("%s: there is nobody to write to, %s", template, dict(facts))
    messages = address_to(template, occasion, recipients, facts)
    await uow.messages.add(messages, await uow.now())
