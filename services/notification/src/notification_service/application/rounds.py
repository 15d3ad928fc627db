"""Use cases about rounds, which events cause: who is invited, and what they get to know after.

They never commit. Reminders are planned here and sent by `reminding.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from notification_service.application.commands import (
    AnnounceExtension,
    AnnounceResults,
    EndInvitations,
    InviteJoiners,
    InviteToRound,
)
from notification_service.application.handlers import address
from notification_service.application.ports import UnitOfWork
from notification_service.application.round_ports import OpenRound
from notification_service.domain.load_cap import Invitation, LoadCap, admit
from notification_service.domain.message import CLOSED, INVITATIONS, TemplateName, address_to
from notification_service.domain.reminder import ReminderTimes, due_times


@dataclass(frozen=True, slots=True)
class RoundRules:
    """How often people are asked, and when they are reminded."""

    cap: LoadCap
    times: ReminderTimes


async def invite_to_round(command: InviteToRound, uow: UnitOfWork, rules: RoundRules) -> None:
    """One message to everyone in the unit, with a different text for rounds after the baseline.

    Nobody is invited more often than the cap allows, nor to two rounds of one release.
    """
    await uow.open_rounds.lock()
    opened = await uow.open_rounds.add(
        OpenRound(
            command.round_id,
            command.release_id,
            command.unit_id,
            command.occasion,
            command.opens_at,
            command.closes_at,
            together=command.together,
        )
    )
    due = due_times(opened.opens_at, opened.closes_at, rules.times)
    await uow.reminders.plan(opened.round_id, due)
    await _invite(opened, await uow.recipients.of_unit(command.unit_id), uow, rules.cap)


async def invite_joiners(command: InviteJoiners, uow: UnitOfWork, rules: RoundRules) -> None:
    """Those of the unit who have no invitation to a round that is open get it."""
    await uow.open_rounds.lock()
    rounds = await uow.open_rounds.of_unit(command.unit_id, await uow.now())
    if rounds:
        recipients = await uow.recipients.of_unit(command.unit_id)
        for opened in rounds:
            await _invite(opened, recipients, uow, rules.cap)


async def _invite(
    opened: OpenRound, recipients: Sequence[str], uow: UnitOfWork, cap: LoadCap
) -> None:
    now, round_id = await uow.now(), opened.round_id
    past = await uow.invitations.of(recipients)
    admission = admit(round_id, opened.release_id, recipients, past, cap, now)
    await uow.invitations.add(
        [Invitation(one, round_id, opened.release_id, now) for one in admission.invited]
    )
    await uow.open_rounds.count_over_cap(round_id, admission.over_cap)
    facts = {
        "round_id": str(round_id),
        "unit_id": opened.unit_id,
        "closes_at": opened.closes_at.isoformat(),
        "others": ",".join(one for one in opened.together if one != opened.unit_id),
    }
    template: TemplateName = "round_opened" if opened.occasion == "baseline" else "follow_up_opened"
    if admission.invited or not recipients:
        await address(uow, template, [round_id], admission.invited, facts)


async def announce_extension(
    command: AnnounceExtension, uow: UnitOfWork, rules: RoundRules
) -> None:
    """One message to those of the unit who were invited, for each new closing time.

    An invitation that is not sent yet gets the new time too, so that it promises no other. What is
    left of the reminders is planned anew.
    """
    round_id = command.round_id
    await uow.open_rounds.lock()
    await uow.open_rounds.move(round_id, command.closes_at)
    if moved := await uow.open_rounds.get(round_id):
        due = due_times(moved.opens_at, moved.closes_at, rules.times)
        await uow.reminders.plan(round_id, due)
    people = await uow.recipients.of_unit(command.unit_id)
    invited = sorted(await uow.invitations.invited(round_id) & {*people})
    closes_at = command.closes_at.isoformat()
    invitations = [
        message.message_id
        for template in INVITATIONS
        for message in address_to(template, [round_id], invited, {})
    ]
    await uow.messages.correct(invitations, {"closes_at": closes_at})
    facts = {"round_id": str(round_id), "unit_id": command.unit_id, "closes_at": closes_at}
    await address(uow, "round_extended", [round_id, closes_at], invited, facts)


async def end_invitations(command: EndInvitations, uow: UnitOfWork) -> None:
    """What is not sent about the round is not sent any more: it would promise a time gone by."""
    await uow.open_rounds.remove(command.round_id)
    await uow.messages.add_fact(command.round_id, CLOSED, "yes")


async def announce_results(command: AnnounceResults, uow: UnitOfWork) -> None:
    """One message to everyone in the unit, once per round. It says nothing of the results."""
    facts = {"rollout_id": str(command.rollout_id), "unit_id": command.unit_id}
    recipients = await uow.recipients.of_unit(command.unit_id)
    await address(uow, "results_released", [command.round_id], recipients, facts)
