"""How the platform is, for those who operate it."""

import asyncio

from fastapi import APIRouter, Request, Response

from portal_service.domain.health import SIGNS, health_of
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)
_SERVICES = ("assessment", "content", "notification", "people", "workflow")


@router.get("/operation")
async def operation(request: Request, viewer: SignedIn) -> Response:
    """Every service is asked at once; one that does not answer is shown as that."""
    viewer.admit("operation.read")
    app, asked = app_of(request), Partial(viewer)
    own, *answers = await asyncio.gather(
        app.own_processes.look(), *(asked.get(service, "/operation") for service in _SERVICES)
    )
    health = health_of({**dict(zip(_SERVICES, answers, strict=True)), "portal": own})
    return app.pages.render(
        request,
        "operation",
        health=health,
        signs=SIGNS,
        links=app.operators_links,
        runbooks="docs/runbooks",
    )
