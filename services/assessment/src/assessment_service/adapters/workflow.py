"""Questions to the workflow service over HTTP."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from assessment_service.application.ports import PausesUnknownError
from assessment_service.domain.pauses import Mark
from servicekit.service_client import Refused, ServiceClient, Unavailable

# With the token. The other steps of the job wait meanwhile.
_DEADLINE_SECONDS = 5


class HttpWorkflow:
    """The port `Workflow`."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def pauses(self) -> list[Mark]:
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                answer = await self._client.get("/pauses")
            return [mark for pause in answer["pauses"] for mark in _marks(pause)]
        except (Unavailable, Refused) as error:
            raise PausesUnknownError(str(error)) from error
        except TimeoutError as error:
            raise PausesUnknownError(f"no answer within {_DEADLINE_SECONDS} s") from error
        except (KeyError, TypeError, ValueError) as error:
            raise PausesUnknownError(f"unusable answer: {type(error).__name__}") from error

    async def close(self) -> None:
        await self._client.close()


def _marks(pause: dict[str, Any]) -> list[Mark]:
    rollout_id, unit_id = UUID(pause["rollout_id"]), pause["unit_id"]
    ends = [(pause["since"], True), (pause["until"], False)]
    return [
        Mark(rollout_id, unit_id, datetime.fromisoformat(at), paused)
        for at, paused in ends
        if paused or at is not None
    ]
