"""Sends messages to people: asks how to reach them, renders the text, sends and marks."""

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Literal
from zoneinfo import ZoneInfo

from notification_service.application.dispatch import Attempted
from notification_service.application.ports import Contacts, OpenUnitOfWork, PeopleUnavailable
from notification_service.application.sending_ports import (
    Attempt,
    Channel,
    ClaimedMessage,
    Mail,
    Telemetry,
    Templates,
)
from notification_service.domain.causes import cause_of
from notification_service.domain.contact import Contact
from notification_service.domain.delivery import Outcome
from notification_service.domain.message import TEMPLATES, Message
from notification_service.domain.reported_together import together

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MailRules:
    """Settings for mails. `deadline` limits one attempt and is shorter than `lease`."""

    portal_url: str
    contact: str
    time_zone: ZoneInfo
    retry_seconds: tuple[float, ...]
    deadline: timedelta
    lease: timedelta
    parallel: int


class MailLane:
    """Sends messages by the mail channel."""

    name = "mail"

    def __init__(
        self,
        uow: OpenUnitOfWork,
        contacts: Contacts,
        channel: Channel[Mail],
        templates: Templates,
        telemetry: Telemetry,
        rules: MailRules,
    ) -> None:
        self._uow, self._contacts = uow, contacts
        self._channel, self._templates = channel, templates
        self._telemetry, self._rules = telemetry, rules
        self._slots = asyncio.Semaphore(rules.parallel)

    async def claim(self, room: int) -> Sequence[ClaimedMessage]:
        async with self._uow() as uow:
            claimed = await uow.messages.claim(await uow.now(), self._rules.lease, room)
        return await self._addressed(claimed)

    async def _addressed(self, claimed: Sequence[ClaimedMessage]) -> Sequence[ClaimedMessage]:
        """The messages with how to reach their recipients, asked for all at once."""
        if not claimed:
            return claimed
        try:
            contacts = await self._contacts.of({item.message.recipient_id for item in claimed})
        except PeopleUnavailable as error:
            log.warning("%d messages wait for addresses: %s", len(claimed), error)
            return claimed
        return [
            replace(item, contact=contacts.get(item.message.recipient_id, "gone"))
            for item in claimed
        ]

    async def deliver(self, item: ClaimedMessage, since: float) -> Attempted[ClaimedMessage]:
        if item.contact == "unknown":  # Claimed again when the lease ends; no attempt is used up.
            return Attempted(item, None)
        contact = item.contact
        async with self._slots:
            start = monotonic()
            waited = timedelta(seconds=start - since)
            if waited + self._rules.deadline > self._rules.lease:
                return Attempted(item, None)
            message, started_at = item.message, item.claimed_at + waited
            with self._telemetry.sending(
                f"send {message.template}",
                item.traceparent,
                message_id=str(message.reference),
                channel=self._channel.name,
            ) as ended:
                outcome = await self._send(item, contact, started_at)
                ended(outcome)
        self._telemetry.attempted(self._channel.name, outcome.result)
        elapsed = round((monotonic() - start) * 1000)
        attempt = Attempt(message.message_id, message.attempt, started_at, elapsed, outcome)
        return Attempted(item, attempt)

    async def _send(
        self, item: ClaimedMessage, contact: Contact | Literal["gone"], at: datetime
    ) -> Outcome:
        if item.message.is_too_late:
            return Outcome("refused", "round-closed")
        if contact == "gone":
            return Outcome("refused", "recipient-gone")
        if not contact.email:  # Paper reaches them, see ADR 23.
            return Outcome("refused", "no-address")
        try:
            async with asyncio.timeout(self._rules.deadline.total_seconds()):
                return await self._channel.send(self._mail(item, contact, at))
        except TimeoutError:
            return Outcome("retry", "timeout")
        except Exception as error:
            # Only the type: the text may contain an address.
            log.error("message %s: %s", item.message.reference, type(error).__name__)
            return Outcome("retry", "internal-error")

    def _mail(self, item: ClaimedMessage, contact: Contact, at: datetime) -> Mail:
        message = item.message
        variables = variables_of(message, contact, item.unit_names, self._rules)
        return Mail(
            message_id=message.reference,
            at=at,
            to_name=contact.name,
            to_address=contact.email,
            language=contact.language,
            content=self._templates.render(message.template, contact.language, variables),
        )

    async def settle(self, done: Sequence[Attempted[ClaimedMessage]]) -> None:
        async with self._uow() as uow:
            now = await uow.now()
            held = await uow.messages.held(tried.item for tried in done if tried.attempt)
            after: list[Message] = []
            attempts: list[Attempt] = []
            for tried in done:
                message, attempt = tried.item.message, tried.attempt
                if attempt is None or message.message_id not in held:
                    continue
                settled, fact = message.settled(
                    attempt.outcome,
                    self._channel.name,
                    now,
                    self._rules.retry_seconds,
                    random.random(),  # noqa: S311 - jitter
                )
                after.append(settled)
                attempts.append(attempt)
                if fact:
                    uow.record(fact, cause=tried.item.traceparent)
            await uow.messages.save(after, now)
            await uow.attempts.add(attempts)

    async def close_idle(self) -> None:
        await self._channel.close_idle()


def variables_of(
    message: Message, contact: Contact, unit_names: Mapping[str, str], rules: MailRules
) -> dict[str, str]:
    """The values of the template's named variables.

    Times are local, YYYY-MM-DD hh:mm; days are YYYY-MM-DD.
    """
    template = TEMPLATES[message.template]
    facts = message.facts
    values = {
        "name": contact.name,
        "contact": rules.contact,
        "link": rules.portal_url.rstrip("/") + template.link.format_map(facts),
        "unit_name": unit_names.get(facts.get("unit_id", ""), facts.get("unit_id", "")),
        "together": together(facts, unit_names, contact.language),
    }
    if "closes_at" in facts:
        closes_at = datetime.fromisoformat(facts["closes_at"]).astimezone(rules.time_zone)
        values["closes_at"] = closes_at.strftime("%Y-%m-%d %H:%M")
    if "ends_on" in facts:
        values["ends_on"] = facts["ends_on"]
    if "code" in facts:
        values["code"] = facts["code"]
        values["cause"] = cause_of(facts["code"], contact.language)
    return {variable: values[variable] for variable in template.variables}
