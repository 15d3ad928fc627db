"""HTTP: webhook subscriptions and the event types they can contain.

Subscribers see only their own.
"""

import json
from collections.abc import Sequence
from typing import Self
from uuid import UUID

from fastapi import APIRouter, Request, Response

from notification_service.application import subscription_handlers as handlers
from notification_service.application.commands import (
    ChangeSubscription,
    OnSubscription,
    SendTest,
    Subscribe,
)
from notification_service.domain.errors import DomainError
from notification_service.domain.secret import Keyring, SecretVersion, SigningKeyMissing
from notification_service.domain.subscription import Subscription
from notification_service.entrypoints.app import app_of
from notification_service.entrypoints.events import PUBLISHED
from notification_service.entrypoints.http.callers import (
    Owner,
    Reader,
    Resumer,
    owner_of,
    owner_within_reach,
)
from notification_service.entrypoints.http.delivery_schemas import DeliveryBody
from notification_service.entrypoints.http.webhook_payloads import event_types
from notification_service.entrypoints.http.webhook_schemas import (
    ChangeSubscriptionBody,
    CheckedSubscriptionBody,
    EventTypeBody,
    SubscribeBody,
    SubscriptionBody,
    SubscriptionWithSecretBody,
    TestBody,
)
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery
from servicekit.problems import ProblemError

router = APIRouter(tags=["webhooks"])


class _Keyed(CheckedSubscriptionBody):
    """The response as stored for a repeated request: with the id of the key, not the secret."""

    key_id: str

    @classmethod
    def holding(cls, subscription: Subscription, warnings: Sequence[str] = ()) -> Self:
        body = SubscriptionBody.of(subscription).model_dump()
        return cls(**body, warnings=list(warnings), key_id=subscription.secret.key_id)


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


@router.get("/event-types", response_description="Every type, by name.")
async def list_event_types(request: Request, _: Reader) -> list[EventTypeBody]:
    """The event types that webhooks deliver, each with the schema of its `data` and a sample.

    The whole payload of each is in this document under `webhooks`.
    """
    return event_types(PUBLISHED, app_of(request).webhooks.samples)


@router.post(
    "/subscriptions",
    status_code=201,
    response_model=SubscriptionWithSecretBody,
    response_description="The subscription with its secret; `warnings` say what may be wrong.",
)
async def subscribe(
    request: Request, caller: Owner, key: IdempotencyKey, body: SubscribeBody
) -> Response:
    """Have events delivered by webhook, signed as Standard Webhooks 1.0 describes.

    The body's `data` is the event's JSON exactly as published. Each attempt waits 10 s for the
    answer. After any response but 2xx, the delivery is sent again after 5 s, 5 min, 30 min, 2 h,
    5 h, 10 h, 14 h, 20 h and 24 h (each +/- 20 %), or later if `Retry-After` asks for it (24 h at
    most); redirects are not followed. An operator can set other times. The subscription is disabled
    after 410, and after a delivery is given up while no other succeeded. Deliveries may arrive
    twice and out of order: ignore a `webhook-id` that you have received before.

    Refused (409 `subscription-exists`) if another subscription of the same owner sends one of these
    types to the same address.
    """
    app = app_of(request)
    command = Subscribe(owner_of(caller), body.url, tuple(body.event_types))
    warnings = await app.address_warnings(body.url)
    async with app.uow().by(caller) as uow:

        async def produce() -> _Keyed:
            return _Keyed.holding(await handlers.subscribe(command, uow, app.webhooks), warnings)

        answer = await idempotent(uow, key, produce, status=201)
    return _with_secret(answer, app.webhooks.keyring)


@router.get("/subscriptions", response_description="One page of subscriptions.")
async def list_subscriptions(
    request: Request, caller: Reader, page: PageQuery
) -> Page[SubscriptionBody]:
    """Subscriptions, newest first, without their secrets."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.queries.subscriptions(owner_within_reach(caller), page)
    return page.holding([SubscriptionBody.of(subscription) for subscription in found], total)


@router.get("/subscriptions/{subscription_id}", response_description="The subscription.")
async def show_subscription(
    request: Request, caller: Reader, subscription_id: UUID
) -> SubscriptionBody:
    """A subscription, without its secret."""
    async with app_of(request).uow() as uow:
        found = await uow.queries.subscription(owner_within_reach(caller), subscription_id)
    if found is None:
        detail = f"There is no subscription {subscription_id}."
        raise ProblemError(404, "unknown-subscription", detail)
    return SubscriptionBody.of(found)


@router.patch("/subscriptions/{subscription_id}", response_description="The subscription now.")
async def change_subscription(
    request: Request, caller: Owner, subscription_id: UUID, body: ChangeSubscriptionBody
) -> CheckedSubscriptionBody:
    """Change the address or the event types; the secret, id and log stay.

    What waits to be sent goes to the new address. 409 `subscription-exists` as for `POST`.
    """
    app = app_of(request)
    given = body.model_fields_set
    command = ChangeSubscription(
        on=OnSubscription(subscription_id, owner_within_reach(caller)),
        url=body.url if "url" in given else None,
        event_types=tuple(body.event_types) if "event_types" in given else None,
    )
    warnings = await app.address_warnings(body.url) if "url" in given else []
    async with app.uow().by(caller) as uow:
        changed = await handlers.change_subscription(command, uow, app.webhooks)
    described = SubscriptionBody.of(changed).model_dump()
    return CheckedSubscriptionBody(**described, warnings=warnings)


@router.delete("/subscriptions/{subscription_id}", status_code=204)
async def unsubscribe(request: Request, caller: Owner, subscription_id: UUID) -> None:
    """Delete a subscription with its secret and its deliveries."""
    command = OnSubscription(subscription_id, owner_within_reach(caller))
    async with app_of(request).uow().by(caller) as uow:
        await handlers.unsubscribe(command, uow)


@router.post(
    "/subscriptions/{subscription_id}/rotate-secret",
    response_model=SubscriptionWithSecretBody,
    response_description="The subscription with its new secret.",
)
async def rotate_secret(
    request: Request, caller: Owner, key: IdempotencyKey, subscription_id: UUID
) -> Response:
    """Replace the secret. Each earlier one signs too until the time promised for it.

    At most five secrets sign at a time: a sixth is refused with 409 `too-many-secrets`, whose
    `detail` gives the time from which the next rotation is possible.
    """
    app = app_of(request)
    command = OnSubscription(subscription_id, owner_within_reach(caller))
    async with app.uow().by(caller) as uow:

        async def produce() -> _Keyed:
            return _Keyed.holding(await handlers.rotate_secret(command, uow, app.webhooks))

        answer = await idempotent(uow, key, produce)
    return _with_secret(answer, app.webhooks.keyring)


@router.post(
    "/subscriptions/{subscription_id}/enable",
    response_model=SubscriptionBody,
    response_description="The subscription, active again.",
)
async def enable(
    request: Request, caller: Resumer, key: IdempotencyKey, subscription_id: UUID
) -> Response:
    """Resume a disabled subscription: send what waits. Events in between are not made up for."""
    command = OnSubscription(subscription_id, owner_within_reach(caller))
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> SubscriptionBody:
            return SubscriptionBody.of(await handlers.enable(command, uow))

        return await idempotent(uow, key, produce)


@router.post(
    "/subscriptions/{subscription_id}/test",
    status_code=202,
    response_model=DeliveryBody,
    response_description="It is queued; `GET /deliveries/{delivery_id}` shows its result.",
)
async def send_test(
    request: Request,
    caller: Owner,
    key: IdempotencyKey,
    subscription_id: UUID,
    body: TestBody | None = None,
) -> Response:
    """Queue a delivery of a published sample, with `"test": true` beside its `data`.

    Without a body, of the first type of the subscription. The receiver must not store it as a fact.
    409 `not-subscribed` if the subscription is not to the type.
    """
    app = app_of(request)
    on = OnSubscription(subscription_id, owner_within_reach(caller))
    command = SendTest(on, body.event_type if body else None)
    async with app.uow().by(caller) as uow:

        async def produce() -> DeliveryBody:
            delivery = await handlers.send_test(command, uow, app.webhooks)
            return DeliveryBody.model_validate(delivery)

        return await idempotent(uow, key, produce, status=202)
