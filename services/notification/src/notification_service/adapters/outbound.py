"""Translates domain events to contract events."""

from collections.abc import Sequence
from typing import assert_never

from contracts import Event
from contracts import notification as contract
from notification_service.domain.events import (
    DomainEvent,
    MessageFailed,
    MessageSent,
    SubscriptionDisabled,
)


def translate(event: DomainEvent) -> Sequence[Event]:
    """The contract events that a domain event causes."""
    match event:
        case MessageSent(message_id, template, channel):
            return [contract.MessageSent(message_id=message_id, template=template, channel=channel)]
        case MessageFailed(message_id, template, channel, reason):
            return [
                contract.MessageFailed(
                    message_id=message_id, template=template, channel=channel, reason=reason
                )
            ]
        case SubscriptionDisabled(subscription_id, reason):
            return [contract.SubscriptionDisabled(subscription_id=subscription_id, reason=reason)]
        case _:
            assert_never(event)
