"""Bodies about recipients and messages. None contains the text of a mail."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from notification_service.application.handlers import ImportResult
from notification_service.domain.delivery import Result, Status
from notification_service.domain.open_problems import OpenProblem, ProblemKind
from notification_service.domain.recipient import Language, Recipient, Role

_LISTED = 200
_EXPLANATIONS: dict[ProblemKind, str] = {
    "manager-unknown": "The workflow service names this person as the unit's manager, but they are"
    " no recipient: they get no mail. Import them, or correct the manager there.",
    "ids-differ-in-case": "These ids differ in upper and lower case only, and are taken for"
    " different people. Use one spelling everywhere.",
    "unit-unknown": "These recipients belong to a unit that the workflow service has not"
    " registered: they get no mail about it. Register the unit, or correct the file.",
}


class OpenProblemBody(BaseModel):
    """What keeps mails from people who should get them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "manager-unknown",
                    "unit_id": "rehabenheten",
                    "ids": ["M-U7"],
                    "count": 1,
                    "explanation": _EXPLANATIONS["manager-unknown"],
                }
            ]
        }
    )

    kind: ProblemKind
    unit_id: str | None = Field(description="The unit; null if it is not about one.")
    ids: list[str] = Field(description="Ids of the people, the first 20.")
    count: int = Field(description="How many people it is about.")
    explanation: str = Field(description="What it means, and what to do.")

    @classmethod
    def of(cls, problem: OpenProblem) -> "OpenProblemBody":
        return cls(
            kind=problem.kind,
            unit_id=problem.unit_id,
            ids=list(problem.ids),
            count=problem.count,
            explanation=_EXPLANATIONS[problem.kind],
        )


class ChangedRecipientBody(BaseModel):
    """A known recipient that differs from the file."""

    recipient_id: str
    fields: list[str] = Field(description="Columns that differ; `assignments` for role and unit.")


class ImportBody(BaseModel):
    """What the import changed, or in a dry run would change."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dry_run": True,
                    "added": ["p-0001"],
                    "changed": [{"recipient_id": "p-0002", "fields": ["language"]}],
                    "unchanged": 8,
                    "absent": ["p-0010"],
                    "unknown_units": [],
                    "ignored_columns": [],
                    "warnings": [],
                    "warnings_total": 0,
                }
            ]
        }
    )

    dry_run: bool
    added: list[str] = Field(description="Ids of the new recipients.")
    changed: list[ChangedRecipientBody]
    unchanged: int = Field(description="How many recipients of the file are as in it already.")
    absent: list[str] = Field(description="Recipients that are not in the file; they are kept.")
    unknown_units: list[str] = Field(
        description="Units in the file that are not known here yet: not an error, but check them."
    )
    ignored_columns: list[str] = Field(description="Columns of the file that are not read.")
    warnings: list[OpenProblemBody] = Field(
        description="What `GET /open-problems` has after the import, the first 200."
    )
    warnings_total: int = Field(description="How many there are.")

    @classmethod
    def of(cls, result: ImportResult, dry_run: bool, ignored: Sequence[str]) -> "ImportBody":
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
            ignored_columns=list(ignored),
            warnings=[OpenProblemBody.of(problem) for problem in result.problems[:_LISTED]],
            warnings_total=len(result.problems),
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
