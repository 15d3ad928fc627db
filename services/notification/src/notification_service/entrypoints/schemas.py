"""Bodies about recipients and messages. None contains the text of a mail."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from notification_service.application.handlers import ImportResult
from notification_service.domain.delivery import Result, Status
from notification_service.domain.recipient import Language, Recipient, Role


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
