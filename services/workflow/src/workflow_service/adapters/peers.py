"""Commands to the assessment and content services over HTTP. The idempotency key is a digest of the
command, so asking again has one effect, and a changed command is a new one."""

import hashlib
import json
from typing import Any
from uuid import UUID, uuid5

from servicekit.service_client import Refused, ServiceClient, Unavailable
from workflow_service.application.ports import PeerRefused, PeerUnavailable
from workflow_service.domain.journey.turn import NAMESPACE, AssignModules, OpenRounds


class HttpPeers:
    """The port `Peers`."""

    def __init__(self, assessment: ServiceClient, content: ServiceClient) -> None:
        self._assessment, self._content = assessment, content

    async def open_rounds(self, command: OpenRounds) -> None:
        body = {
            "release_id": str(command.release_id),
            "rollout_id": str(command.rollout_id),
            "occasion": command.occasion,
            "instrument_id": command.instrument.id,
            "instrument_version": command.instrument.version,
            "closes_at": command.closes_at.isoformat(),
            "unit_ids": list(command.unit_ids),
        }
        await _post(self._assessment, "/rounds", body)

    async def assign_modules(self, command: AssignModules) -> None:
        body = {
            "rollout_id": str(command.rollout_id),
            "unit_ids": list(command.unit_ids),
            "module_ids": list(command.module_ids),
        }
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
