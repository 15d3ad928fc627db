"""HTTP for reminders: who has not answered an open round."""

import logging
from math import ceil
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from assessment_service.application.reminding import FindWithoutAnswer, find_without_answer
from assessment_service.application.sealing_ports import UnreadableRoundError
from assessment_service.entrypoints.app import app_of
from assessment_service.entrypoints.http.access import not_cached
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.problems import ProblemError
from servicekit.request_body import RequestBody

log = logging.getLogger(__name__)
router = APIRouter()

Reminder = Annotated[Principal, may("rounds.remind")]
_Subject = Annotated[str, Field(min_length=1, max_length=255)]
_SUBJECT = "00000000-0000-4000-8000-000000000001"
_AT_ONCE = 1_000
ASKED_PER_MINUTE = 12
"""Of one round. Whoever could ask all the time would see when each person answers."""


class SubjectsBody(RequestBody):
    """Those who were asked, by the `sub` of their tokens; the caller's issuer is theirs too."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"subjects": [_SUBJECT]}]})

    subjects: Annotated[list[_Subject], Field(max_length=_AT_ONCE)]


class WithoutAnswerBody(BaseModel):
    """Those of the subjects who have not answered, and when the round closes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"subjects": [_SUBJECT], "closes_at": "2026-03-16T08:00:00Z"}]
        }
    )

    subjects: list[str]
    closes_at: AwareDatetime


@router.post(
    "/rounds/{round_id}/without-answer",
    tags=["answers"],
    dependencies=[Depends(not_cached)],
    response_description="Those who have not answered.",
)
async def find_subjects_without_answer(
    request: Request, caller: Reminder, round_id: UUID, body: SubjectsBody
) -> WithoutAnswerBody:
    """Which of these people have not answered an open round. Only for the notification service,
    which reminds them and keeps nothing of it.

    Reads only, so it needs no Idempotency-Key, and leaves no line in the audit trail. A POST,
    because subjects do not belong into a URL, which ends up in logs.
    """
    app, query = app_of(request), FindWithoutAnswer(round_id, caller.issuer, body.subjects)
    if seconds := ceil(app.reminder_rate.wait(str(round_id))):
        detail = f"Who has not answered this round can be asked again in {seconds} seconds."
        raise ProblemError(429, "too-many-requests", detail, {"retry-after": str(seconds)})
    try:
        async with app.uow() as uow:
            found = await find_without_answer(query, caller.scope, uow, app.keys)
    except UnreadableRoundError as error:
        log.error("nobody can be reminded: %s", error)  # names the round, and no person
        detail = "Who has answered this round cannot be found out now; try again later."
        raise ProblemError(503, "round-unreadable", detail) from None
    return WithoutAnswerBody(subjects=list(found.subjects), closes_at=found.closes_at)
