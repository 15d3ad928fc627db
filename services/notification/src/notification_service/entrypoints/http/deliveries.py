"""HTTP: the log of webhook deliveries. Subscribers see only their own."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from notification_service.application import subscription_handlers as handlers
from notification_service.application.commands import Redeliver
from notification_service.domain.delivery import Status
from notification_service.entrypoints.app import app_of
from notification_service.entrypoints.http.callers import (
    Reader,
    Resumer,
    owner_within_reach,
)
from notification_service.entrypoints.http.delivery_schemas import (
    DeliveryBody,
    DeliveryDetailBody,
    LoggedDeliveryBody,
)
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery
from servicekit.problems import ProblemError

router = APIRouter(tags=["webhooks"])


@router.get("/deliveries", response_description="One page of deliveries.")
async def list_deliveries(
    request: Request,
    caller: Reader,
    page: PageQuery,
    subscription_id: UUID | None = None,
    status: Status | None = None,
) -> Page[LoggedDeliveryBody]:
    """Deliveries with their attempts, newest first."""
    owner = owner_within_reach(caller)
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.queries.deliveries(owner, subscription_id, status, page)
    return page.holding([LoggedDeliveryBody.model_validate(one) for one in found], total)


@router.get("/deliveries/{delivery_id}", response_description="The delivery with every attempt.")
async def show_delivery(request: Request, caller: Reader, delivery_id: UUID) -> DeliveryDetailBody:
    """A delivery as it was sent: body, headers, and each answer's status and first 2048 bytes.

    It is kept as long as the log of deliveries.
    """
    async with app_of(request).uow() as uow:
        found = await uow.queries.delivery(owner_within_reach(caller), delivery_id)
    if found is None:
        raise ProblemError(404, "unknown-delivery", f"There is no delivery {delivery_id}.")
    return DeliveryDetailBody.of(found)


@router.post(
    "/deliveries/{delivery_id}/redeliver",
    status_code=202,
    response_model=DeliveryBody,
    response_description="It is queued; `GET /deliveries/{delivery_id}` shows its result.",
)
async def redeliver(
    request: Request, caller: Resumer, key: IdempotencyKey, delivery_id: UUID
) -> Response:
    """Send a delivery again, with the same webhook-id and all its retries."""
    command = Redeliver(delivery_id, owner_within_reach(caller))
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> DeliveryBody:
            return DeliveryBody.model_validate(await handlers.redeliver(command, uow))

        return await idempotent(uow, key, produce, status=202)
