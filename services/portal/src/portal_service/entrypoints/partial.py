"""A page of several services' answers, which shows what there is while one of them is away."""

from dataclasses import dataclass
from typing import Any

from portal_service.application.ports import ServiceAway, ServiceRefused, Services
from portal_service.entrypoints.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Anybody:
    """Whoever looks at what is the same for everybody."""

    services: Services

    async def get(self, service: str, path: str, **query: str) -> dict[str, Any]:
        return await self.services.public(service, path, **query)


class Partial:
    """What a viewer gets; `away` names the services that did not answer."""

    def __init__(self, viewer: Viewer | Anybody) -> None:
        self._viewer = viewer
        self._away: set[str] = set()

    @property
    def away(self) -> list[str]:
        return sorted(self._away)

    async def get(self, service: str, path: str, **query: str) -> dict[str, Any] | None:
        """None while the service is away, and for what the viewer may not see."""
        try:
            return await self.needed(service, path, **query)
        except ServiceRefused:
            return None

    async def needed(self, service: str, path: str, **query: str) -> dict[str, Any] | None:
        """None while the service is away. Raises ServiceRefused."""
        try:
            return await self._viewer.get(service, path, **query)
        except ServiceAway as error:
            self._away.add(error.service)
            return None

    async def items(self, service: str, path: str, **query: str) -> list[dict[str, Any]]:
        """A list's first page; empty where `get` gives None."""
        found = await self.get(service, path, **query)
        return list(found["items"]) if found else []
