"""What assessment and content know, read page by page from their APIs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from servicekit.service_client import Refused, ServiceClient, Unavailable
from workflow_service.application.journey.reconciling import KnownAssignment, KnownRound
from workflow_service.application.ports import PeerUnavailable

_LIMIT = 200


class HttpOthers:
    """The port `Others`."""

    def __init__(self, assessment: ServiceClient, content: ServiceClient) -> None:
        self._assessment, self._content = assessment, content

    async def rounds(self) -> list[KnownRound]:
        return [
            KnownRound(
                round_id=UUID(one["round_id"]),
                rollout_id=UUID(one["rollout_id"]),
                unit_id=one["unit_id"],
                occasion=one["occasion"],
                status=one["status"],
                closed_at=datetime.fromisoformat(one["closed_at"]) if one["closed_at"] else None,
            )
            for one in await _all(self._assessment, "/rounds")
        ]

    async def assignments(self) -> list[KnownAssignment]:
        return [
            KnownAssignment(UUID(one["rollout_id"]), one["unit_id"], one["module_id"])
            for one in await _all(self._content, "/assignments")
        ]


async def _all(client: ServiceClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page, total = 1, 1
    while len(found) < total:
        try:
            answer = await client.get(path, limit=str(_LIMIT), page=str(page))
        except (Refused, Unavailable) as error:
            raise PeerUnavailable(f"{path}: {error}") from error
        found += answer["items"]
        total = answer["total"] if answer["items"] else 0
        page += 1
    return found
