"""Webhooks: subscriptions, what was sent to them and answered, and sending it again."""

import asyncio
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain.forms import sent_key
from portal_service.domain.texts import DELIVERY_STATUSES
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
PATH = "/operation/webhooks"
_ROWS = "50"
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]


@router.get(PATH)
async def webhooks(request: Request, viewer: SignedIn, page: PageNumber = 1) -> Response:
    found = await viewer.get("notification", "/subscriptions", limit=_ROWS, page=str(page))
    return app_of(request).pages.render(request, "webhooks", found=found)


@router.get(f"{PATH}/{{subscription_id}}")
async def webhook(
    request: Request,
    viewer: SignedIn,
    subscription_id: UUID,
    status: str = "",
    page: PageNumber = 1,
) -> Response:
    return await _webhook(request, viewer, subscription_id, status, page)


@router.post(f"{PATH}/{{subscription_id}}/enable")
async def enable(
    request: Request,
    viewer: SignedIn,
    subscription_id: UUID,
    sent: Annotated[str, Form()] = "",
) -> Response:
    try:
        path = f"/subscriptions/{subscription_id}/enable"
        await viewer.post("notification", path, {}, sent_key(sent))
    except ServiceRefused as refusal:
        return await _webhook(request, viewer, subscription_id, refusal=refusal)
    return RedirectResponse(f"{PATH}/{subscription_id}", 303)


@router.get(f"{PATH}/{{subscription_id}}/deliveries/{{delivery_id}}")
async def delivery(
    request: Request, viewer: SignedIn, subscription_id: UUID, delivery_id: UUID
) -> Response:
    return await _delivery(request, viewer, delivery_id)


@router.post(f"{PATH}/{{subscription_id}}/deliveries/{{delivery_id}}/redeliver")
async def redeliver(
    request: Request,
    viewer: SignedIn,
    subscription_id: UUID,
    delivery_id: UUID,
    sent: Annotated[str, Form()] = "",
) -> Response:
    try:
        path = f"/deliveries/{delivery_id}/redeliver"
        await viewer.post("notification", path, {}, sent_key(sent))
    except ServiceRefused as refusal:
        return await _delivery(request, viewer, delivery_id, refusal)
    return RedirectResponse(f"{PATH}/{subscription_id}/deliveries/{delivery_id}", 303)


async def _webhook(
    request: Request,
    viewer: Viewer,
    subscription_id: UUID,
    status: str = "",
    page: int = 1,
    refusal: ServiceRefused | None = None,
) -> Response:
    """`status` of the deliveries that are shown; all if it is none."""
    chosen = {"status": status} if status in DELIVERY_STATUSES else {}
    asked = {"subscription_id": str(subscription_id), "limit": _ROWS, "page": str(page), **chosen}
    subscription, found = await asyncio.gather(
        viewer.get("notification", f"/subscriptions/{subscription_id}"),
        viewer.get("notification", "/deliveries", **asked),
    )
    return app_of(request).pages.render(
        request,
        "webhook",
        status=refusal.status if refusal else 200,
        subscription=subscription,
        found=found,
        chosen=chosen.get("status", ""),
        refusal=refusal,
        may_resume=viewer.may("deliveries.resume"),
        key=str(uuid4()),
    )


async def _delivery(
    request: Request, viewer: Viewer, delivery_id: UUID, refusal: ServiceRefused | None = None
) -> Response:
    found = await viewer.get("notification", f"/deliveries/{delivery_id}")
    return app_of(request).pages.render(
        request,
        "delivery",
        status=refusal.status if refusal else 200,
        delivery=found,
        refusal=refusal,
        may_resume=viewer.may("deliveries.resume"),
        key=str(uuid4()),
    )
