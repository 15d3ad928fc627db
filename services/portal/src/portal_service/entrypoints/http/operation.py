"""How the platform is, for those who operate it."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Request, Response

from portal_service.application.ports import Alerts, AlertsAway
from portal_service.domain.alert import Alert
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
    state, alerts = await asyncio.gather(health(request, Partial(viewer)), _alerts(app.alerts))
    return app.pages.render(
        request,
        "operation",
        health=state,
        alerts=alerts,
        signs=SIGNS,
        links=app.operators_links,
        runbooks="docs/runbooks",
        prometheus_setting="PORTAL_PROMETHEUS_URL",
    )


async def _alerts(alerts: Alerts) -> list[Alert] | Literal["none", "away"]:
    """Those that fire; `none` without a Prometheus, `away` if it does not answer."""
    try:
        found = await alerts.firing()
    except AlertsAway:
        return "away"
    return "none" if found is None else found
