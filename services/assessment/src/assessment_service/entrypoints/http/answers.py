"""HTTP: a person's answer. This route leaves no trace: see application/answering.py."""

import logging
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter, Request, Response

from assessment_service.application.commands import SubmitAnswer
from assessment_service.application.sealing_ports import UnreadableRoundError
from assessment_service.entrypoints.app import AssessmentApp, app_of
from assessment_service.entrypoints.http.access import Participant
from assessment_service.entrypoints.http.answer_schemas import AnswerBody, ProfileBody
from servicekit.auth import Principal
from servicekit.problems import ProblemError

log = logging.getLogger(__name__)
router = APIRouter()

_ANSWER = "answer"
_ENCODED = 3  # times, on the way through proxies


def is_about_answers(path: str) -> bool:
    """Whether a request must leave no trace. In every spelling: also one that leads nowhere says
    that somebody wanted to answer."""
    for _ in range(_ENCODED):
        path = unquote(path)
    return _ANSWER in path.casefold()


@router.put("/rounds/{round_id}/answer", tags=["answers"], response_model=ProfileBody)
async def put_answer(
    request: Request, caller: Participant, round_id: UUID, body: AnswerBody
) -> Response:
    """Submit or replace your answers to a round of your own unit; the response is your profile.

    Status 200 means that the answers are stored durably and will be counted. The profile is shown
    to nobody else and is not stored.
    """
    try:
        return await submit(app_of(request), caller, round_id, body)
    except UnreadableRoundError as error:
        log.error("round %s cannot accept answers: %s", round_id, error)  # names no person
        detail = "This round cannot accept answers now. Nothing was stored; try again later."
        raise ProblemError(503, "round-unreadable", detail) from None


async def submit(
    app: AssessmentApp, caller: Principal, round_id: UUID, body: AnswerBody
) -> Response:
    """The route's work. Raises what `Answering.submit` raises."""
    here = caller.at_round(round_id)
    command = SubmitAnswer(
        round_id, caller.issuer, caller.subject, here.units, here.scope, body.answers
    )
    profile = await app.answering.submit(command)
    headers = {"cache-control": "no-store"}
    return Response(app.profile_json(profile), headers=headers, media_type="application/json")
