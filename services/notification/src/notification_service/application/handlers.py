"""Use cases about people: imports, and the messages that events cause. They never commit."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notification_service.application.commands import (
    AnnounceDecision,
    AnnounceExtension,
    AnnounceManager,
    AnnounceModules,
    CallForPerson,
    ForgetRecipient,
    ImportRecipients,
    InviteToRound,
    RememberUnit,
    ReportStuckJourney,
)
from notification_service.application.ports import UnitOfWork
from notification_service.domain.errors import DomainError
from notification_service.domain.message import INVITATIONS, TemplateName, address_to
from notification_service.domain.open_problems import OpenProblem, open_problems
from notification_service.domain.recipient import ImportPlan, plan_import
from notification_service.domain.recipient_file import recipients_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or would do. Unknown units are only a warning: they may follow later.

    `problems` are those that there are after it, in the file or not.
    """

    plan: ImportPlan
    unknown_units: tuple[str, ...]
    problems: tuple[OpenProblem, ...]


async def import_recipients(command: ImportRecipients, uow: UnitOfWork) -> ImportResult:
    """Add and change recipients as in the file; in a dry run, only return what would change.

    Raises DomainError `import-invalid`.
    """
    wanted = await asyncio.to_thread(recipients_of, command.rows, command.faults, command.headings)
    known = await uow.recipients.all_locked()
    plan = plan_import(known, wanted)
    if not command.dry_run:
        await uow.recipients.save([*plan.added, *(recipient for recipient, _ in plan.changed)])
    units = {unit_id for recipient in wanted for unit_id in recipient.units}
    known_units = await uow.units.known()
    after = {**known, **{recipient.recipient_id: recipient for recipient in wanted}}
    problems = open_problems(
        {recipient_id: one.units for recipient_id, one in after.items()},
        await uow.units.managers(),
        known_units,
    )
    return ImportResult(plan, tuple(sorted(units - known_units)), tuple(problems))


async def forget_recipient(command: ForgetRecipient, uow: UnitOfWork) -> None:
    """Delete a person. Messages not yet sent to them will fail.

    Raises DomainError `unknown-recipient`.
    """
    if not await uow.recipients.remove(command.recipient_id):
        detail = f"There is no recipient {command.recipient_id}."
        raise DomainError("unknown-recipient", "not_found", detail)


async def remember_unit(command: RememberUnit, uow: UnitOfWork) -> None:
    """Keep the unit's name, for use in messages."""
    await uow.units.remember(command.unit_id, command.name, command.version)


async def invite_to_round(command: InviteToRound, uow: UnitOfWork) -> None:
    """One message to everyone in the unit, with a different text for rounds after the baseline."""
    recipients = await uow.recipients.of_unit(command.unit_id)
    if not recipients:
        log.warning("round %s: unit %s has no recipients", command.round_id, command.unit_id)
    facts = {
        "round_id": str(command.round_id),
        "unit_id": command.unit_id,
        "closes_at": command.closes_at.isoformat(),
    }
    template: TemplateName = (
        "round_opened" if command.occasion == "baseline" else "follow_up_opened"
    )
    await _address(uow, template, [command.round_id], recipients, facts)


async def announce_extension(command: AnnounceExtension, uow: UnitOfWork) -> None:
    """One message to those of the unit who were invited, for each new closing time.

    An invitation that is not sent yet gets the new time too, so that it promises no other.
    """
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
    """A message to a manager who replaces another; none to a unit's first manager."""
    replaced = await uow.units.assign_manager(command.unit_id, command.manager_id, command.version)
    if replaced is None:
        return
    await _address(
        uow,
        "manager_assigned",
        [command.unit_id, command.version],
        await uow.recipients.managers_of(command.unit_id),
        {"unit_id": command.unit_id},
    )


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
    messages = address_to(template, occasion, recipients, facts)
    await uow.messages.add(messages, await uow.now())
