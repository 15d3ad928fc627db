"""Bodies of requests and responses. None contains the text of a mail; a secret is shown once."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from notification_service.application.handlers import ImportResult
from notification_service.domain.delivery import Result, Status
from notification_service.domain.recipient import Language, Recipient, Role
from notification_service.domain.subscription import DisabledReason, Subscription


class ChangedRecipientBody(BaseModel):
    """A known recipient that differs from the file."""

    recipient_id: str
    fields: list[str] = Field(description="Columns that differ; `assignments` for role and unit.")


class ImportBody(BaseModel):
    """What the import changed, or in a dry run would change."""

    dry_run: bool
    added: list[str]
    changed: list[ChangedRecipientBody]
    unchanged: int
    absent: list[str] = Field(description="Recipients that are not in the file; they are kept.")
    unknown_units: list[str] = Field(
        description="Units in the file that are not known here yet: not an error, but check them."
    )

    @classmethod
    def of(cls, result: ImportResult, dry_run: bool) -> "ImportBody":
        plan = result.plan
        return cls(
            dry_run=dry_run,
            added=[recipient.recipient_id for recipient in plan.added],
            changed=[
                ChangedRecipientBody(recipient_id=recipient.recipient_id, fields=list(fields))
                for recipient, fields in plan.changed
            ],
            unchanged=plan.unchanged,
            absent=list(plan.absent),
            unknown_units=list(result.unknown_units),
        )


class AssignmentBody(BaseModel):
    """A role in a unit; `unit_id` is empty for an administrator of all units."""

    model_config = ConfigDict(from_attributes=True)

    role: Role
    unit_id: str


class RecipientBody(BaseModel):
    """A person who gets mail. Personal data."""

    recipient_id: str
    name: str
    email: str
    language: Language
    assignments: list[AssignmentBody]

    @classmethod
    def of(cls, recipient: Recipient) -> "RecipientBody":
        return cls(
            recipient_id=recipient.recipient_id,
            name=recipient.name,
            email=recipient.email,
            language=recipient.language,
            assignments=[AssignmentBody.model_validate(a) for a in sorted(recipient.assignments)],
        )


class AttemptBody(BaseModel):
    """One attempt. A missing number is an attempt that was interrupted."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    started_at: datetime
    duration_ms: int
    result: Result
    reason: str = Field(description="A stable code; empty when accepted.")
    status_code: int | None = Field(description="Status code of the response, if there was one.")


class MessageBody(BaseModel):
    """A message with its attempts. The text is not stored."""

    model_config = ConfigDict(from_attributes=True)

    message_id: UUID = Field(description="Also the part of the mail's Message-ID before the @.")
    template: str
    recipient_id: str
    unit_id: str | None
    status: Status
    reason: str
    created_at: datetime
    settled_at: datetime | None
    next_attempt_at: datetime | None
    attempts: list[AttemptBody]


class SubscribeBody(BaseModel):
    """Which events to deliver where."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "url": "https://hr.example.se/um-events",
                    "event_types": ["external.decision.published.v1", "external.wave.*"],
                }
            ]
        },
    )

    url: str = Field(max_length=2000, description="https, or http for allow-listed hosts.")
    event_types: list[str] = Field(
        min_length=1,
        max_length=50,
        description="Published event types; `external.wave.*` means all that begin with "
        "`external.wave.`.",
    )


class SubscriptionBody(BaseModel):
    """A subscription. Its secret is only shown when it is created or rotated."""

    subscription_id: UUID
    url: str
    event_types: list[str]
    status: Literal["active", "disabled"]
    disabled_reason: DisabledReason | None
    created_at: datetime
    last_success_at: datetime | None
    secret_generation: int = Field(description="Starts at 1 and increases with each rotation.")
    previous_secret_until: datetime | None = Field(
        description="Until then the previous secret signs too."
    )

    @classmethod
    def of(cls, subscription: Subscription) -> "SubscriptionBody":
        return cls(
            subscription_id=subscription.subscription_id,
            url=subscription.url,
            event_types=list(subscription.event_types),
            status=subscription.status,
            disabled_reason=subscription.disabled_reason,
            created_at=subscription.created_at,
            last_success_at=subscription.last_success_at,
            secret_generation=subscription.secret.generation,
            previous_secret_until=subscription.previous_until,
        )


class SubscriptionWithSecretBody(SubscriptionBody):
    """A subscription with its new secret. Store it: it is not shown again."""

    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])


class DeliveryBody(BaseModel):
    """The delivery of an event to a subscription."""

    model_config = ConfigDict(from_attributes=True)

    delivery_id: UUID = Field(description="The webhook-id, the same at every attempt.")
    subscription_id: UUID
    event_type: str
    status: Status
    reason: str
    created_at: datetime
    next_attempt_at: datetime | None


class LoggedDeliveryBody(DeliveryBody):
    """A delivery with its attempts."""

    settled_at: datetime | None
    attempts: list[AttemptBody]
