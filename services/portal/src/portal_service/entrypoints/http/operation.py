"""How the platform is, for those who operate it."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Request, Response

from portal_service.application.ports import Monitoring, MonitoringAway
from portal_service.domain.health import SIGNS
from portal_service.domain.monitored import DRILL_HOLDS, Monitored
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
    state, monitored = await asyncio.gather(
        health(request, Partial(viewer)), _monitored(app.monitoring)
    )
    return app.pages.render(
        request,
        "operation",
        health=state,
        monitored=monitored,
        drill_days=DRILL_HOLDS.days,
        signs=SIGNS,
        links=app.operators_links,
        runbooks="docs/runbooks",
        prometheus_setting="PORTAL_PROMETHEUS_URL",
    )


async def _monitored(monitoring: Monitoring) -> Monitored | Literal["none", "away"]:
    """`none` without a Prometheus, `away` if it does not answer."""
    try:
        return await monitoring.look() or "none"
    except MonitoringAway:
        return "away"
