"""Events of the notification service. A recipient is never named, not even by id."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.audit import AuditHead
from contracts.envelope import Event


class MessageSent(Event, type="notification.message.sent.v1", key="message_id"):
    """The receiving server accepted the message. Does not mean that it was read."""

    message_id: UUID
    template: Annotated[str, Field(examples=["round_opened"])]
    channel: Annotated[str, Field(examples=["email"])]


class MessageFailed(Event, type="notification.message.failed.v1", key="message_id"):
    """The message was given up; `reason` is a stable code."""

    message_id: UUID
    template: str
    channel: str
    reason: Annotated[str, Field(examples=["recipient-refused"])]


class SubscriptionDisabled(
    Event, type="notification.subscription.disabled.v1", key="subscription_id"
):
    """No more webhooks are sent to this subscription until somebody enables it."""

    subscription_id: UUID
    reason: Annotated[str, Field(examples=["gone", "retries-exhausted"])]


class AuditHeadSigned(Event, AuditHead, type="notification.audit.head_signed.v1", key="service"):
    """The end of this service's audit trail was signed. See `contracts.audit`."""
