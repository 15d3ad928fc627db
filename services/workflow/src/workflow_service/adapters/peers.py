"""Requests to the assessment and content services over HTTP. The idempotency key is a digest of the
request, so asking again has one effect, and a changed request is a new one."""

import hashlib
import json
from typing import Any
from uuid import UUID, uuid5

from servicekit import telemetry
from servicekit.service_client import Refused, ServiceClient, Unavailable
from workflow_service.application.ports import PeerRefused, PeerUnavailable
from workflow_service.domain.journey.turn import NAMESPACE, AssignModules, OpenRounds


class HttpPeers:
    """The port `Peers`."""

    def __init__(self, assessment: ServiceClient, content: ServiceClient) -> None:
        self._assessment, self._content = assessment, content

    async def open_rounds(self, request: OpenRounds, cause: str | None) -> None:
        body = {
            "release_id": str(request.release_id),
            "rollout_id": str(request.rollout_id),
            "occasion": request.occasion,
            "instrument_id": request.instrument.id,
            "instrument_version": request.instrument.version,
            "closes_at": request.closes_at.isoformat(),
            "unit_ids": list(request.unit_ids),
        }
        if request.release_by:
            until = request.release_by.isoformat()
            body["wait"] = {"unit_ids": list(request.awaited), "until": until}
        with telemetry.span("open rounds", traceparent=cause):
            await _post(self._assessment, "/rounds", body)

    async def assign_modules(self, request: AssignModules, cause: str | None) -> None:
        body = {
            "rollout_id": str(request.rollout_id),
            "unit_ids": list(request.unit_ids),
            "module_ids": list(request.module_ids),
        }
        with telemetry.span("assign modules", traceparent=cause):
            await _post(self._content, "/assignments", body)

    async def close(self) -> None:
        await self._assessment.close()
        await self._content.close()


async def _post(client: ServiceClient, path: str, body: dict[str, Any]) -> None:
    try:
        await client.post(path, body, str(_key(path, body)))
    except Refused as error:
        raise PeerRefused(error.code, error.detail) from error
    except Unavailable as error:
        raise PeerUnavailable(str(error)) from error


def _key(path: str, body: dict[str, Any]) -> UUID:
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return uuid5(NAMESPACE, f"{path}|{digest}")
