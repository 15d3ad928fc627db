"""Who looks at a page: their session, their roles, and the services in their name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from contracts.permissions import PERMISSIONS
from portal_service.application.ports import ServiceAway, ServiceRefused, Services, SignedOut
from portal_service.entrypoints import cookies
from portal_service.entrypoints.app import app_of
from servicekit.access import limited
from servicekit.auth import EVERY_UNIT, Principal
from servicekit.problems import ProblemError


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in. Nothing is shown by it alone: the services check every request."""

    name: str
    by_code: bool
    principal: Principal
    token: str
    services: Services

    def may(self, permission: str) -> bool:
        """Whether it is worth offering."""
        caller = limited(self.principal, permission)
        if not caller.assignments:
            return False
        return PERMISSIONS[permission].reach != "region" or caller.scope is None

    def admit(self, permission: str) -> None:
        """Raises ServiceRefused if it is not worth offering: before a page asks a service."""
        if not self.may(permission):
            raise ServiceRefused(403, "role-missing", "")

    @property
    def units(self) -> list[str]:
        """The units that the person has a role for."""
        return sorted(self.principal.units - {EVERY_UNIT})

    def reaches(self, unit_id: str) -> bool:
        """Whether one of the person's units is this one."""
        return unit_id in self.principal.units

    def may_in(self, permission: str, path: Sequence[str]) -> bool:
        """Whether it is worth offering for a unit; `path` leads from the root down to it."""
        scope = limited(self.principal, permission).scope
        if scope is None:
            return self.may(permission)
        return path[-1] in scope.units or not scope.trees.isdisjoint(path)

    @property
    def roles(self) -> list[tuple[str, str | None, bool]]:
        """(role, unit, whether it is held in another's place) of each assignment; None for the
        whole region, and for no unit."""
        held = {
            (a.role, a.unit if a.unit != EVERY_UNIT else None, bool(a.standing_for))
            for a in self.principal.assignments
        }
        return sorted(held, key=lambda one: (one[0], one[1] or "", one[2]))

    @property
    def stands_in(self) -> list[str]:
        """The roles that the person holds in another's place."""
        return sorted({role for role, _, in_place in self.roles if in_place})

    @property
    def has_deputies_page(self) -> bool:
        """Whether the person can let somebody stand in, or stands in for somebody."""
        makes = self.may("delegations.make") or self.may("delegations.record")
        return makes or bool(self.stands_in)

    async def get(self, service: str, path: str, **query: str) -> dict[str, Any]:
        return await self.services.get(self.token, service, path, **query)

    async def csv(self, service: str, path: str, **query: str) -> bytes:
        return await self.services.csv(self.token, service, path, **query)

    async def post(self, service: str, path: str, body: dict[str, Any], key: str = "") -> Any:
        return await self.services.post(self.token, service, path, body, key)

    async def upload(
        self,
        service: str,
        path: str,
        content: bytes,
        media_type: str,
        key: str = "",
        **query: str,
    ) -> dict[str, Any]:
        return await self.services.upload(
            self.token, service, path, content, media_type, key, **query
        )

    async def put(self, service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self.services.put(self.token, service, path, body)

    async def patch(self, service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self.services.patch(self.token, service, path, body)


async def viewer_of(request: Request, used: bool = True) -> Viewer:
    """The viewer. A request that nobody made by hand does not count as use of the session.

    Raises SignedOut.
    """
    app = app_of(request)
    key = cookies.key_of(request)
    if key is None:
        raise SignedOut
    session = await app.signing_in.session(key, used)
    principal = await app.authenticator.authenticate(session.platform.token)
    viewer = Viewer(
        session.name, session.provider is None, principal, session.platform.token, app.services
    )
    request.state.viewer, request.state.language = viewer, session.language
    return viewer


async def _signed_in(request: Request) -> Viewer:
    """FastAPI dependency. Raises SignedOut."""
    return await viewer_of(request)


SignedIn = Annotated[Viewer, Depends(_signed_in)]


async def perhaps(request: Request) -> Viewer | None:
    """FastAPI dependency: the viewer of a page that everybody may see."""
    known: Viewer | None = getattr(request.state, "viewer", None)
    try:
        return known or await viewer_of(request)
    except (SignedOut, ServiceAway, ProblemError):
        return None


Perhaps = Annotated[Viewer | None, Depends(perhaps)]
