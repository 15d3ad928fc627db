"""How the platform is, for those who operate it."""

from fastapi import APIRouter, Request, Response

from portal_service.domain.health import SIGNS
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.duties import health
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)


@router.get("/operation")
async def operation(request: Request, viewer: SignedIn) -> Response:
    """Every service is asked at once; one that does not answer is shown as that."""
    viewer.admit("operation.read")
    app = app_of(request)
    return app.pages.render(
        request,
        "operation",
        health=await health(request, Partial(viewer)),
        signs=SIGNS,
        links=app.operators_links,
        runbooks="docs/runbooks",
    )
