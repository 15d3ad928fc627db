"""Who has not answered a round, asked of the assessment service over HTTP."""

import asyncio
from collections.abc import Collection
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from notification_service.application.round_ports import (
    AssessmentUnavailable,
    RoundHeld,
    RoundOver,
    WithoutAnswer,
)
from servicekit.service_client import Refused, ServiceClient, Unavailable

_AT_ONCE = 1_000
_DEADLINE_SECONDS = 10
_OVER = ("round-closed", "round-unknown")


class _Answer(BaseModel):
    subjects: list[str]
    closes_at: AwareDatetime


class AssessmentClient:
    """The port `Unanswered`."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def without_answer(self, round_id: UUID, subjects: Collection[str]) -> WithoutAnswer:
        wanted, found = sorted(subjects), list[str]()
        path = f"/rounds/{round_id}/without-answer"
        # Asked also about nobody: whether the round is open, and until when.
        for first in range(0, max(len(wanted), 1), _AT_ONCE):
            answer = await self._ask(path, wanted[first : first + _AT_ONCE])
            found += answer.subjects
        return WithoutAnswer(found, answer.closes_at)

    async def _ask(self, path: str, subjects: list[str]) -> _Answer:
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                answer = await self._client.read(path, {"subjects": subjects})
            return _Answer.model_validate(answer)
        except Refused as error:
            if error.code == "round-held":
                raise RoundHeld from error
            if error.code in _OVER:
                raise RoundOver from error
            raise AssessmentUnavailable(str(error)) from error
        except Unavailable as error:
            raise AssessmentUnavailable(str(error)) from error
        except (TimeoutError, ValueError) as error:  # Not its text, which has subjects.
            raise AssessmentUnavailable(f"no usable answer: {type(error).__name__}") from None

    async def close(self) -> None:
        await self._client.close()
