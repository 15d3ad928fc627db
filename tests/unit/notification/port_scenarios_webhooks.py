"""What any unit of work must do with subscriptions and deliveries."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from notification_service.application.ports import OpenUnitOfWork
from notification_service.domain.delivery import Outcome
from unit.notification.builders import NOW, delivery, subscription

LEASE = timedelta(seconds=30)


async def a_subscription_keeps_every_field(uow: OpenUnitOfWork) -> None:
    one = subscription()
    async with uow() as tx:
        await tx.subscriptions.add(one)
    rotated = one.rotated("otherkey", NOW, timedelta(hours=1))
    rotated = rotated.rotated("thirdkey", NOW, timedelta(hours=2))
    changed = replace(rotated, disabled_reason="gone", last_success_at=NOW)
    async with uow() as tx:
        await tx.subscriptions.save(changed)
    async with uow() as tx:
        assert await tx.subscriptions.get(one.subscription_id, None) == changed
        assert [retired.version.generation for retired in changed.retired] == [2, 1]
        assert await tx.subscriptions.active() == []


async def somebody_elses_subscription_is_unknown(uow: OpenUnitOfWork) -> None:
    one = subscription("issuer|hr")
    sent = delivery(one.subscription_id)
    async with uow() as tx:
        await tx.subscriptions.add(one)
        await tx.deliveries.add([sent])
    async with uow() as tx:
        assert await tx.subscriptions.get(one.subscription_id, "issuer|hr") == one
        assert await tx.deliveries.get(sent.delivery_id, "issuer|hr") == sent
        assert await tx.subscriptions.get(one.subscription_id, "issuer|bi") is None
        assert await tx.subscriptions.get(uuid4(), None) is None
        assert await tx.deliveries.get(sent.delivery_id, "issuer|bi") is None
        assert await tx.deliveries.get(uuid4(), None) is None


async def an_owners_subscriptions_are_found(uow: OpenUnitOfWork) -> None:
    mine = [subscription("issuer|hr"), subscription("issuer|hr", disabled_reason="gone")]
    async with uow() as tx:
        for one in [*mine, subscription("issuer|bi")]:
            await tx.subscriptions.add(one)
    async with uow() as tx:
        found = await tx.subscriptions.of_owner_locked("issuer|hr")
        assert {one.subscription_id for one in found} == {one.subscription_id for one in mine}
        assert await tx.subscriptions.of_owner_locked("issuer|nobody") == []


async def a_subscription_takes_its_deliveries_with_it(uow: OpenUnitOfWork) -> None:
    one = subscription()
    sent = delivery(one.subscription_id)
    async with uow() as tx:
        await tx.subscriptions.add(one)
        await tx.deliveries.add([sent])
        claims = await tx.deliveries.claim(NOW, LEASE, 9, 9)
        await tx.subscriptions.remove(one.subscription_id)
    async with uow() as tx:
        assert await tx.subscriptions.lock([one.subscription_id]) == {}
        assert await tx.deliveries.held(claims) == set()


async def each_subscription_has_its_own_few_places(uow: OpenUnitOfWork) -> None:
    slow, quick, off = subscription(), subscription(), subscription(disabled_reason="gone")
    async with uow() as tx:
        for one in (slow, quick, off):
            await tx.subscriptions.add(one)
            await tx.deliveries.add([delivery(one.subscription_id) for _ in range(5)])

    async def claim() -> tuple[int, int]:
        async with uow() as tx:
            claims = await tx.deliveries.claim(NOW, LEASE, 100, 2)
        got = [c.subscription.subscription_id for c in claims]
        return got.count(slow.subscription_id), got.count(quick.subscription_id)

    assert await claim() == (2, 2)
    assert await claim() == (0, 0)
    async with uow() as tx:
        later = await tx.deliveries.claim(NOW + LEASE, LEASE, 3, 2)
    assert len(later) == 3


async def a_settled_delivery_gives_its_place_back(uow: OpenUnitOfWork) -> None:
    one = subscription()
    async with uow() as tx:
        await tx.subscriptions.add(one)
        await tx.deliveries.add([delivery(one.subscription_id) for _ in range(2)])
        (claim,) = await tx.deliveries.claim(NOW, LEASE, 9, 1)
        assert await tx.deliveries.claim(NOW, LEASE, 9, 1) == []
        settled = claim.delivery.settled(Outcome("retry", "x"), NOW, [5], 0.5)
        assert await tx.deliveries.held([claim]) == {claim.delivery.delivery_id}
        await tx.deliveries.save([settled], NOW)
    async with uow() as tx:
        (other,) = await tx.deliveries.claim(NOW, LEASE, 9, 1)
        assert other.delivery.delivery_id != claim.delivery.delivery_id
        kept = await tx.deliveries.get(settled.delivery_id, None)
    assert kept == settled


WEBHOOKS: list[Callable[[OpenUnitOfWork], Awaitable[None]]] = [
    a_subscription_keeps_every_field,
    somebody_elses_subscription_is_unknown,
    an_owners_subscriptions_are_found,
    a_subscription_takes_its_deliveries_with_it,
    each_subscription_has_its_own_few_places,
    a_settled_delivery_gives_its_place_back,
]
