"""Messages to people.

A message contains ids and dates only. The person's name and address and the unit's name are looked
up when it is sent, so that the table of messages contains no personal data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from uuid import UUID, uuid4

from notification_service.domain.delivery import Outcome, Status, judge
from notification_service.domain.events import MessageFailed, MessageSent
from notification_service.domain.ids import derived_id


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of message. `link` is a path of the portal, completed with the message's facts."""

    link: str
    variables: frozenset[str]


TemplateName = Literal[
    "round_opened",
    "follow_up_opened",
    "round_extended",
    "round_reminder",
    "results_released",
    "modules_assigned",
    "manager_assigned",
    "delegation_ends",
    "gate_needs_person",
    "decision_published",
    "journey_stuck",
]
INVITATIONS: tuple[TemplateName, ...] = ("round_opened", "follow_up_opened")
_TO_INVITED = (*INVITATIONS, "round_extended")
CLOSED = "closed"
"""The fact of a message about a round that closed before the message was sent."""
_EVERY = frozenset({"name", "link", "contact"})
_UNIT = _EVERY | {"unit_name"}

TEMPLATES: Mapping[TemplateName, Template] = MappingProxyType(
    {
        "round_opened": Template("/rounds/{round_id}", _UNIT | {"closes_at", "together"}),
        "follow_up_opened": Template("/rounds/{round_id}", _UNIT | {"closes_at", "together"}),
        "round_extended": Template("/rounds/{round_id}", _UNIT | {"closes_at"}),
        "round_reminder": Template("/rounds/{round_id}", _UNIT | {"closes_at"}),
        "results_released": Template("/units/{unit_id}?rollout={rollout_id}", _UNIT),
        "modules_assigned": Template("/units/{unit_id}", _UNIT),
        "manager_assigned": Template("/units/{unit_id}", _UNIT),
        "delegation_ends": Template("/deputies#{delegation_id}", _EVERY | {"ends_on"}),
        "gate_needs_person": Template("/rollouts/{rollout_id}", _EVERY),
        "decision_published": Template("/rollouts/{rollout_id}/decision", _EVERY),
        "journey_stuck": Template("/units/{unit_id}", _UNIT | {"cause", "code"}),
    }
)


def hides_recipient(template: str, status: Status) -> bool:
    """Whether the log of messages leaves out to whom it is.

    Otherwise whoever has a staff list could see who was not invited to a round, and so who was
    asked often elsewhere. Of one that could not be sent somebody has to know to whom it was.
    """
    return template in _TO_INVITED and status != "failed"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient. `attempt` counts attempts, `step` indexes the retry table.

    `message_id` is derived from the occasion and the recipient, so that none is written twice; with
    a staff list one could find the recipient by it. `reference` is random: by it events, mails and
    the API know the message.
    """

    message_id: UUID
    template: TemplateName
    recipient_id: str
    facts: Mapping[str, str]
    status: Status = "pending"
    attempt: int = 0
    step: int = 0
    next_attempt_at: datetime | None = None
    reason: str = ""
    reference: UUID = field(default_factory=uuid4)

    @property
    def is_too_late(self) -> bool:
        """Whether what it asks for is over: the round that it is about is closed."""
        return CLOSED in self.facts

    def settled(
        self, outcome: Outcome, channel: str, now: datetime, table: Sequence[float], jitter: float
    ) -> tuple["Message", MessageSent | MessageFailed | None]:
        """The message after an attempt, and the event if it was the last one."""
        verdict = judge(outcome, self.step, now, table, jitter)
        after = replace(
            self,
            status=verdict.status,
            reason=verdict.reason,
            step=verdict.step,
            next_attempt_at=verdict.next_attempt_at,
        )
        if verdict.status == "sent":
            return after, MessageSent(self.reference, self.template, channel)
        if verdict.status == "failed":
            return after, MessageFailed(self.reference, self.template, channel, verdict.reason)
        return after, None


def address_to(
    template: TemplateName,
    occasion: Sequence[object],
    recipients: Iterable[str],
    facts: Mapping[str, str],
) -> list[Message]:
    """One message for each recipient. The same occasion always gives the same message ids."""
    return [
        Message(
            message_id=derived_id(*occasion, recipient_id, template),
            template=template,
            recipient_id=recipient_id,
            facts=facts,
        )
        for recipient_id in sorted(set(recipients))
    ]
