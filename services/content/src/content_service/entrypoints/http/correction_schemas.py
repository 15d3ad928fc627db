"""Bodies of corrections and withdrawals."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from content_service.domain.correction import Change, ChangeKind
from content_service.domain.practice import Meeting
from content_service.entrypoints.http.fields import Reason
from content_service.entrypoints.http.practice_schemas import (
    ActionBody,
    ActionFacts,
    MeetingBody,
    MeetingFacts,
)
from servicekit.request_body import RequestBody


class CorrectMeetingBody(MeetingFacts):
    """How the meeting was really held, with the fields that were right too."""

    reason: Reason


class CorrectActionBody(ActionFacts):
    """What the unit really chose, with the fields that were right too."""

    reason: Reason


class WithdrawBody(RequestBody):
    """Why the record does not count any more."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "It was recorded for the wrong unit."}]}
    )

    reason: Reason


class ChangeBody(BaseModel):
    """A correction or withdrawal: why, and the record as it was before."""

    change_id: UUID
    kind: ChangeKind
    record_id: UUID = Field(description="The meeting or action.")
    reason: str
    changed_at: datetime
    before: MeetingBody | ActionBody

    @classmethod
    def of(cls, change: Change) -> "ChangeBody":
        before = change.before
        body = MeetingBody.of(before) if isinstance(before, Meeting) else ActionBody.of(before)
        return cls(
            change_id=change.change_id,
            kind=change.kind,
            record_id=change.record_id,
            reason=change.reason,
            changed_at=change.changed_at,
            before=body,
        )
