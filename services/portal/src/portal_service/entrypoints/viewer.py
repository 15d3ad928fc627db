"""Who looks at a page: their session, their roles, and the services in their name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Request

from contracts.permissions import PERMISSIONS
from portal_service.application.ports import ServiceAway, ServiceRefused, Services, SignedOut
from portal_service.entrypoints import cookies
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.assignments import Held, all_held, held_of
from servicekit.access import limited
from servicekit.auth import EVERY_UNIT, Principal
from servicekit.problems import ProblemError


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in. Nothing is shown by it alone: the services check every request.

    Of several assignments one can be `chosen`: then menu, start page and lists show what is that
    one's. What the person may do stays the same: a link from a mail works whatever is chosen.
    `unit_names` are those of the assignments' units, for who has several.
    """

    name: str
    by_code: bool
    principal: Principal
    token: str
    services: Services
    chosen: Held | None
    unit_names: Mapping[str, str]

    def may(self, permission: str) -> bool:
        """Whether it is worth offering."""
        caller = limited(self.principal, permission)
        if not caller.assignments:
            return False
        return PERMISSIONS[permission].reach != "region" or caller.scope is None

    def is_shown(self, permission: str) -> bool:
        """Whether menu, start page and lists offer it."""
        return replace(self, principal=self._shown).may(permission)

    def admit(self, *permissions: str) -> None:
        """Raises ServiceRefused if none is worth offering: before a page asks a service."""
        if not any(self.may(one) for one in permissions):
            roles = [role for one in permissions for role in PERMISSIONS[one].roles]
            raise ServiceRefused(403, "role-missing", "", roles=list(dict.fromkeys(roles)))

    @property
    def units(self) -> list[str]:
        """The units that the person has a role for, as far as they are shown."""
        return sorted(self._shown.units - {EVERY_UNIT})

    def units_with(self, permission: str) -> list[str]:
        """The shown units that the person has it for by name; it may reach those below too."""
        return sorted(limited(self._shown, permission).units - {EVERY_UNIT})

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
    def held(self) -> list[Held]:
        """The person's assignments, whichever is chosen."""
        return all_held(self.principal.assignments)

    @property
    def shown(self) -> list[Held]:
        """The assignments that are shown."""
        return all_held(self._shown.assignments)

    @property
    def within(self) -> dict[str, str]:
        """What a list of units is asked for: those of the unit that is chosen."""
        return {"branch": self.chosen.unit} if self.chosen and self.chosen.unit else {}

    @property
    def stands_in(self) -> bool:
        """Whether the person holds a role in another's place."""
        return any(one.in_place for one in self.held)

    @property
    def has_deputies_page(self) -> bool:
        """Whether the person can let somebody stand in, or stands in for somebody."""
        makes = self.may("delegations.make") or self.may("delegations.record")
        return makes or self.stands_in

    @property
    def _shown(self) -> Principal:
        if self.chosen is None:
            return self.principal
        held = (one for one in self.principal.assignments if held_of(one) == self.chosen)
        return replace(self.principal, assignments=frozenset(held))

    async def get(self, service: str, path: str, **query: str) -> dict[str, Any]:
        return await self.services.get(self.token, service, path, **query)

    async def csv(self, service: str, path: str, **query: str) -> bytes:
        return await self.services.csv(self.token, service, path, **query)

    async def post(self, service: str, path: str, body: dict[str, Any], key: str = "") -> Any:
        return await self.services.post(self.token, service, path, body, key)

    async def print(self, service: str, path: str, body: dict[str, Any], language: str) -> bytes:
        return await self.services.print(self.token, service, path, body, language)

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


def address_of(request: Request) -> str:
    """Where the request comes from: wrong one-time codes are counted by it."""
    return request.client.host if request.client else ""


async def viewer_of(request: Request, used: bool = True) -> Viewer:
    """The viewer. A request that nobody made by hand does not count as use of the session.

    Raises SignedOut.
    """
    app = app_of(request)
    key = cookies.key_of(request)
    if key is None:
        raise SignedOut
    session = await app.signing_in.session(key, used, address_of(request))
    principal = await app.authenticator.authenticate(session.platform.token)
    token = session.platform.token
    held = all_held(principal.assignments)
    units = sorted({one.unit for one in held if one.unit}) if len(held) > 1 else []
    viewer = Viewer(
        session.name,
        session.provider is None,
        principal,
        token,
        app.services,
        next((one for one in held if one.key == session.assignment), None),
        await app.unit_names.of(token, units),
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
