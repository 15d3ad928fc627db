"""What routes need of the application object."""

from collections.abc import Mapping
from typing import Protocol, cast

from fastapi import Request

from portal_service.application.changes import Changes
from portal_service.application.ports import FullText, Monitoring, OwnProcesses, Services
from portal_service.application.signing_in import SigningIn
from portal_service.application.unfinished import Unfinished
from portal_service.application.unit_names import UnitNames
from portal_service.domain.drafts import Drafts
from portal_service.entrypoints.pages import Pages
from servicekit.auth import Authenticator


class PortalApp(Protocol):
    @property
    def signing_in(self) -> SigningIn: ...

    @property
    def services(self) -> Services: ...

    @property
    def unit_names(self) -> UnitNames: ...

    @property
    def full_text(self) -> FullText: ...

    @property
    def pages(self) -> Pages: ...

    @property
    def accessibility_contact(self) -> str: ...

    @property
    def drafts(self) -> Drafts: ...

    @property
    def changes(self) -> Changes: ...

    @property
    def unfinished(self) -> Unfinished: ...

    @property
    def own_processes(self) -> OwnProcesses: ...

    @property
    def monitoring(self) -> Monitoring: ...

    @property
    def operators_links(self) -> Mapping[str, str | None]:
        """Addresses of `temporal`, `traces` and `runbooks`, where there are any."""
        ...

    @property
    def authenticator(self) -> Authenticator: ...


def app_of(request: Request) -> PortalApp:
    return cast(PortalApp, request.app.state.app)
