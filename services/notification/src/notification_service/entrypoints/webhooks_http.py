"""HTTP: webhook subscriptions and the log of their deliveries. Subscribers see only their own."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from notification_service.application import subscription_handlers as handlers
from notification_service.application.commands import OnSubscription, Redeliver, Subscribe
from notification_service.domain.delivery import Status
from notification_service.domain.errors import DomainError
from notification_service.domain.secret import Keyring, SecretVersion, SigningKeyMissing
from notification_service.domain.subscription import Subscription
from notification_service.entrypoints.app import app_of
from notification_service.entrypoints.schemas import (
    DeliveryBody,
    LoggedDeliveryBody,
    SubscribeBody,
    SubscriptionBody,
    SubscriptionWithSecretBody,
)
from servicekit.auth import Principal, require
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["webhooks"])

Owner = Annotated[Principal, Depends(require("administrator", "subscriber"))]
Reader = Annotated[Principal, Depends(require("administrator", "auditor", "subscriber"))]


class _Keyed(SubscriptionBody):
    """The response as stored for a repeated request: with the id of the key, not the secret."""

    key_id: str

    @classmethod
    def of(cls, subscription: Subscription) -> "_Keyed":
        body = SubscriptionBody.of(subscription)
        return cls(**body.model_dump(), key_id=subscription.secret.key_id)


def _with_secret(stored: Response, keyring: Keyring) -> Response:
    """The stored response with its secret, which is derived each time and never stored.

    Raises DomainError `secret-retired` if the signing key of the secret is no longer configured.
    """
    body = json.loads(bytes(stored.body))
    version = SecretVersion(body["secret_generation"], body.pop("key_id"))
    try:
        body["secret"] = keyring.secret(UUID(body["subscription_id"]), version)
    except SigningKeyMissing as error:
        detail = (
            f"Subscription {body['subscription_id']} was created by this request before, but the"
            " signing key of its secret has been retired since. Rotate its secret."
        )
        raise DomainError("secret-retired", "conflict", detail) from error
    headers = {"cache-control": "no-store"}
    return Response(
        json.dumps(body), stored.status_code, headers=headers, media_type="application/json"
    )


def _owner(caller: Principal) -> str:
    return f"{caller.issuer}|{caller.subject}"


def _owner_filter(caller: Principal, *seeing_all: str) -> str | None:
    """The owner whose subscriptions the caller may use; None for all owners.

    A subscription concerns the whole region. Callers need a role for the whole region to use those
    of others.
    """
    return None if caller.has(*seeing_all) and caller.scope is None else _owner(caller)


@router.post("/subscriptions", status_code=201, response_model=SubscriptionWithSecretBody)
async def subscribe(
    request: Request, caller: Owner, key: IdempotencyKey, body: SubscribeBody
) -> Response:
    """Have events delivered by webhook, signed as Standard Webhooks 1.0 describes.

    The body's `data` is the event's JSON exactly as published. After any response but 2xx, the
    delivery is sent again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h (each
    +/- 20 %), or later if `Retry-After` asks for it; redirects are not followed. The subscription
    is disabled after 410, and after a delivery is given up while no other succeeded. Deliveries may
    arrive twice and out of order: ignore a `webhook-id` that you have received before.
    """
    app = app_of(request)
    command = Subscribe(_owner(caller), body.url, tuple(body.event_types))
    async with app.uow() as uow:

        async def produce() -> _Keyed:
            return _Keyed.of(await handlers.subscribe(command, uow, app.webhooks))

        answer = await idempotent(uow, key, produce, status=201)
    return _with_secret(answer, app.webhooks.keyring)


@router.get("/subscriptions")
async def list_subscriptions(
    request: Request, caller: Reader, page: PageQuery
) -> Page[SubscriptionBody]:
    """Subscriptions, newest first, without their secrets."""
    owner = _owner_filter(caller, "administrator", "auditor")
    async with app_of(request).uow() as uow:
        found, total = await uow.queries.subscriptions(owner, page)
    return page.holding([SubscriptionBody.of(subscription) for subscription in found], total)


@router.delete("/subscriptions/{subscription_id}", status_code=204)
async def unsubscribe(request: Request, caller: Owner, subscription_id: UUID) -> None:
    """Delete a subscription with its secret and its deliveries."""
    command = OnSubscription(subscription_id, _owner_filter(caller, "administrator"))
    async with app_of(request).uow() as uow:
        await handlers.unsubscribe(command, uow)


@router.post(
    "/subscriptions/{subscription_id}/rotate-secret", response_model=SubscriptionWithSecretBody
)
async def rotate_secret(
    request: Request, caller: Owner, key: IdempotencyKey, subscription_id: UUID
) -> Response:
    """Replace the secret. During the overlap, each delivery has a signature by each of the two."""
    app = app_of(request)
    command = OnSubscription(subscription_id, _owner_filter(caller, "administrator"))
    async with app.uow() as uow:

        async def produce() -> _Keyed:
            return _Keyed.of(await handlers.rotate_secret(command, uow, app.webhooks))

        answer = await idempotent(uow, key, produce)
    return _with_secret(answer, app.webhooks.keyring)


@router.post("/subscriptions/{subscription_id}/enable", response_model=SubscriptionBody)
async def enable(
    request: Request, caller: Owner, key: IdempotencyKey, subscription_id: UUID
) -> Response:
    """Resume a disabled subscription: send what waits, but no events of the time in between."""
    command = OnSubscription(subscription_id, _owner_filter(caller, "administrator"))
    async with app_of(request).uow() as uow:

        async def produce() -> SubscriptionBody:
            return SubscriptionBody.of(await handlers.enable(command, uow))

        return await idempotent(uow, key, produce)


@router.post("/subscriptions/{subscription_id}/test", status_code=202, response_model=DeliveryBody)
async def send_test(
    request: Request, caller: Owner, key: IdempotencyKey, subscription_id: UUID
) -> Response:
    """Queue a delivery of type `notification.test`; the log of deliveries has its result."""
    command = OnSubscription(subscription_id, _owner_filter(caller, "administrator"))
    async with app_of(request).uow() as uow:

        async def produce() -> DeliveryBody:
            delivery = await handlers.send_test(command, uow)
            return DeliveryBody.model_validate(delivery)

        return await idempotent(uow, key, produce, status=202)


@router.get("/deliveries")
async def list_deliveries(
    request: Request,
    caller: Reader,
    page: PageQuery,
    subscription_id: UUID | None = None,
    status: Status | None = None,
) -> Page[LoggedDeliveryBody]:
    """Deliveries with their attempts, newest first."""
    owner = _owner_filter(caller, "administrator", "auditor")
    async with app_of(request).uow() as uow:
        found, total = await uow.queries.deliveries(owner, subscription_id, status, page)
    return page.holding([LoggedDeliveryBody.model_validate(one) for one in found], total)


@router.post("/deliveries/{delivery_id}/redeliver", status_code=202, response_model=DeliveryBody)
async def redeliver(
    request: Request, caller: Owner, key: IdempotencyKey, delivery_id: UUID
) -> Response:
    """Send a delivery again, with the same webhook-id and all its retries."""
    command = Redeliver(delivery_id, _owner_filter(caller, "administrator"))
    async with app_of(request).uow() as uow:

        async def produce() -> DeliveryBody:
            return DeliveryBody.model_validate(await handlers.redeliver(command, uow))

        return await idempotent(uow, key, produce, status=202)
