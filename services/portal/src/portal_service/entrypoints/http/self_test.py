"""The self-test: what was checked in everything published, when, and with which result."""

from fastapi import APIRouter, Request, Response

from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn

router = APIRouter(include_in_schema=False)


@router.get("/self-test")
async def self_test(request: Request, viewer: SignedIn) -> Response:
    viewer.admit("self_test.read")
    test = await viewer.get("assessment", "/self-test")
    findings = sum(one["findings"] for one in test["checks"])
    return app_of(request).pages.render(request, "self_test", test=test, findings=findings)
