"""The way to modules, instruments and templates."""

from fastapi import APIRouter, Request, Response

from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)


@router.get("/library")
async def library(request: Request, viewer: SignedIn) -> Response:
    viewer.admit("modules.read")
    return app_of(request).pages.render(request, "collections")
