"""Reminds those who have not answered a round, and keeps nothing about who they are.

Only the assessment service knows who has answered, and only the people service knows who has which
account. Both are asked when a reminder is due, about all who were invited, and the answers stay in
memory. There is no row, event, trace, metric or log line of a reminder to a person: afterwards
everything that is stored is the same for those who have answered and those who have not.

So nothing says either how far a process came that died while it was sending. When its lease has
ended, the whole reminder is sent once more: nobody gets the same reminder more than twice.
"""

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from notification_service.application.mail_lane import MailRules, variables_of
from notification_service.application.ports import OpenUnitOfWork, PeopleUnavailable
from notification_service.application.round_ports import (
    Addressees,
    AssessmentUnavailable,
    DueReminder,
    RoundHeld,
    RoundOver,
    Unanswered,
)
from notification_service.application.sending_ports import Channel, Mail, Templates
from notification_service.domain.contact import Contact
from notification_service.domain.message import Message, TemplateName
from notification_service.domain.reminder import ReminderTimes, due_times, reminded

log = logging.getLogger(__name__)

_TEMPLATE: TemplateName = "round_reminder"
_MOST_TRIES = 2
_LEASE = timedelta(minutes=10)
_TIME_TO_SEND = timedelta(minutes=8)
_AGAIN_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RemindingRules:
    """`retry_seconds` are the pauses after which the mails are tried again that a busy mail server
    has not taken; all of them have to fit in a few minutes, because they are in memory only."""

    times: ReminderTimes
    mails: MailRules
    retry_seconds: tuple[float, ...] = (5, 30, 120)


class Reminding:
    """Sends the reminders that are due."""

    def __init__(
        self,
        uow: OpenUnitOfWork,
        people: Addressees,
        assessment: Unanswered,
        channel: Channel[Mail],
        templates: Templates,
        rules: RemindingRules,
    ) -> None:
        self._uow, self._people, self._assessment = uow, people, assessment
        self._channel, self._templates, self._rules = channel, templates, rules

    async def run(self) -> None:
        """Send all that are due now. It may be called at any time, by any process."""
        while claimed := await self._claim():
            await self._remind(*claimed)

    async def _claim(self) -> tuple[DueReminder, Collection[str], datetime] | None:
        """A due reminder, who was invited to its round, and now."""
        async with self._uow() as uow:
            now = await uow.now()
            if (due := await uow.reminders.claim(now, _LEASE)) is None:
                return None
            return due, await uow.invitations.invited(due.round.round_id), now

    async def _remind(self, due: DueReminder, invited: Collection[str], now: datetime) -> None:
        round_id = due.round.round_id
        if due.tries > _MOST_TRIES:
            log.warning("a reminder of round %s was interrupted twice and is given up", round_id)
            is_over = True
        else:
            log.info("a reminder of round %s is due", round_id)
            is_over = await self._try(due, invited, now)
        await (self._finish(due) if is_over else self._postpone(due))

    async def _try(self, due: DueReminder, invited: Collection[str], now: datetime) -> bool:
        """Send it. Return False if it reached nobody and can be sent later."""
        try:
            mails = await self._mails(due, invited, now)
        except (PeopleUnavailable, AssessmentUnavailable) as error:
            log.warning("a reminder of round %s waits: %s", due.round.round_id, error)
            return False
        except RoundHeld:
            return False
        except RoundOver:
            return True
        try:
            async with asyncio.timeout(_TIME_TO_SEND.total_seconds()):
                return await self._send_all(due, mails)
        except TimeoutError:
            return True
        finally:
            await self._channel.close_idle()

    async def _mails(self, due: DueReminder, invited: Collection[str], now: datetime) -> list[Mail]:
        """To those of the unit who were invited, can be reached by mail and have not answered.

        Addresses are asked for before anybody knows who has answered: how many are asked for is in
        the audit trail of the people service.
        """
        unit = set(await self._people.of_unit(due.round.unit_id))
        known = (await self._people.addressees(unit & set(invited))).values()
        subjects = {subject for one in known for subject in one.subjects}
        found = await self._assessment.without_answer(due.round.round_id, subjects)
        unanswered = set(found.subjects)
        return [
            self._mail(due, one.contact, found.closes_at, now)
            for one in known
            if one.contact.email and unanswered.issuperset(one.subjects)
        ]

    def _mail(self, due: DueReminder, to: Contact, closes_at: datetime, now: datetime) -> Mail:
        """`closes_at` is the true time, also if the event that reports it is still on its way."""
        facts = {
            "round_id": str(due.round.round_id),
            "unit_id": due.round.unit_id,
            "closes_at": closes_at.isoformat(),
        }
        message = Message(uuid4(), _TEMPLATE, "", facts)
        names = {due.round.unit_id: due.unit_name} if due.unit_name else {}
        variables = variables_of(message, to, names, self._rules.mails)
        content = self._templates.render(_TEMPLATE, to.language, variables)
        return Mail(message.reference, now, to.name, to.email, to.language, content)

    async def _send_all(self, due: DueReminder, mails: list[Mail]) -> bool:
        """Send them, again after a while those that the mail server has not taken.

        Return False if it took none, so that all can be sent later.
        """
        waiting = await self._send(mails)
        if mails and len(waiting) == len(mails):
            return False
        for pause in self._rules.retry_seconds:
            if not waiting:
                break
            await asyncio.sleep(pause)
            async with self._uow() as uow:
                if not await uow.reminders.hold(due):
                    break
            waiting = await self._send(waiting)
        return True

    async def _send(self, mails: list[Mail]) -> list[Mail]:
        """Send each once; return those to try again."""
        slots = asyncio.Semaphore(self._rules.mails.parallel)

        async def send(mail: Mail) -> bool:
            async with slots:
                return await self._is_over(mail)

        over = await asyncio.gather(*map(send, mails))
        return [mail for mail, is_over in zip(mails, over, strict=True) if not is_over]

    async def _is_over(self, mail: Mail) -> bool:
        """Whether it was sent or cannot be. No error says more: its text may have an address."""
        try:
            async with asyncio.timeout(self._rules.mails.deadline.total_seconds()):
                return (await self._channel.send(mail)).result != "retry"
        except Exception:
            return False

    async def _finish(self, due: DueReminder) -> None:
        async with self._uow() as uow:
            if not await uow.reminders.hold(due):
                return
            opened = await uow.open_rounds.get(due.round.round_id) or due.round
            times = due_times(opened.opens_at, opened.closes_at, self._rules.times)
            over = reminded(due.reminded, times, await uow.now())
            await uow.reminders.finish(due, over, times)

    async def _postpone(self, due: DueReminder) -> None:
        async with self._uow() as uow:
            await uow.reminders.postpone(due, await uow.now() + _AGAIN_AFTER)
