"""What the other services know, read page by page from their APIs."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from servicekit.service_client import Refused, ServiceClient, Unavailable
from workflow_service.application.journey.reconciling import (
    KnownAssignment,
    KnownRound,
    Practice,
)
from workflow_service.application.ports import PeerUnavailable, Reference
from workflow_service.domain.journey.evidence import ActionCheckedBack, ActionChosen, MeetingHeld

_LIMIT = 200


class HttpOthers:
    """The port `AllOthers`."""

    def __init__(
        self,
        assessment: ServiceClient,
        content: ServiceClient,
        people: ServiceClient,
        notification: ServiceClient | None,
    ) -> None:
        """Without `notification` its copy of the units is not compared."""
        self._assessment, self._content = assessment, content
        copies = {"assessment": assessment, "content": content, "people": people}
        self._copies = copies | ({"notification": notification} if notification else {})

    @property
    def copies(self) -> list[str]:
        """The services whose copies of the units are compared."""
        return sorted(self._copies)

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
            KnownAssignment(
                UUID(one["assignment_id"]),
                UUID(one["rollout_id"]),
                one["unit_id"],
                one["module_id"],
                one["completed"],
            )
            for one in await _all(self._content, "/assignments")
        ]

    async def practice(self, rollout_id: UUID, unit_id: str) -> list[Practice]:
        path = f"/units/{unit_id}/progress"
        try:
            progress = await _get(self._content, path, rollout_id=str(rollout_id))
        except PeerUnavailable as error:
            if getattr(error.__cause__, "code", "") == "rollout-unknown":
                return []
            raise
        return list(_practice(progress))

    async def unit_versions(self) -> dict[str, Mapping[str, int]]:
        return {
            service: {
                one["unit_id"]: one["version"] for one in await _all(client, "/unit-versions")
            }
            for service, client in self._copies.items()
        }

    async def published(self) -> list[Reference]:
        instruments = await _all(self._assessment, "/instruments")
        modules = await _all(self._content, "/modules")
        return [
            *(Reference("instrument", one["instrument_id"], one["version"]) for one in instruments),
            *(Reference("module", one["module_id"], one["version"]) for one in modules),
        ]


def _practice(progress: Mapping[str, Any]) -> Iterator[Practice]:
    for one in progress["meetings"]:
        if not one["withdrawn_at"]:
            yield Practice(UUID(one["meeting_id"]), MeetingHeld())
    for one in progress["actions"]:
        if not one["withdrawn_at"]:
            yield Practice(UUID(one["action_id"]), ActionChosen())
            if one["outcome"]:
                yield Practice(UUID(one["action_id"]), ActionCheckedBack())


async def _all(client: ServiceClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page, total = 1, 1
    while len(found) < total:
        answer = await _get(client, path, limit=str(_LIMIT), page=str(page))
        found += answer["items"]
        total = answer["total"] if answer["items"] else 0
        page += 1
    return found


async def _get(client: ServiceClient, path: str, **query: str) -> dict[str, Any]:
    try:
        return await client.get(path, **query)
    except (Refused, Unavailable) as error:
        raise PeerUnavailable(f"{path}: {error}") from error
