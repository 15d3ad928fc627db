"""Sends webhook deliveries: signs, posts and marks them, and disables failing subscriptions."""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from notification_service.application.dispatch import Attempted
from notification_service.application.ports import OpenUnitOfWork
from notification_service.application.sending_ports import (
    Attempt,
    Channel,
    ClaimedDelivery,
    Telemetry,
    WebhookPost,
)
from notification_service.domain.delivery import Outcome
from notification_service.domain.secret import Keyring, SigningKeyMissing
from notification_service.domain.subscription import Delivery

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PostRules:
    """Settings for webhooks. `deadline` limits one attempt and is shorter than `lease`."""

    keyring: Keyring
    retry_seconds: tuple[float, ...]
    deadline: timedelta
    lease: timedelta
    per_subscription: int


class WebhookLane:
    """Posts deliveries by the webhook channel, few at a time to each subscription."""

    name = "webhook"

    def __init__(
        self,
        uow: OpenUnitOfWork,
        channel: Channel[WebhookPost],
        telemetry: Telemetry,
        rules: PostRules,
    ) -> None:
        self._uow, self._channel, self._telemetry = uow, channel, telemetry
        self._rules = rules

    async def claim(self, room: int) -> Sequence[ClaimedDelivery]:
        rules = self._rules
        async with self._uow() as uow:
            return await uow.deliveries.claim(
                await uow.now(), rules.lease, room, rules.per_subscription
            )

    async def deliver(self, item: ClaimedDelivery, since: float) -> Attempted[ClaimedDelivery]:
        start = monotonic()
        waited = timedelta(seconds=start - since)
        if waited + self._rules.deadline > self._rules.lease:
            return Attempted(item, None)
        delivery, started_at = item.delivery, item.claimed_at + waited
        with self._telemetry.sending(
            f"post {delivery.event_type}",
            item.traceparent,
            url=item.subscription.url,
            delivery_id=str(delivery.delivery_id),
            subscription_id=str(delivery.subscription_id),
        ) as ended:
            outcome = await self._post(item, started_at)
            ended(outcome)
        self._telemetry.attempted(self._channel.name, outcome.result)
        elapsed = round((monotonic() - start) * 1000)
        attempt = Attempt(delivery.delivery_id, delivery.attempt, started_at, elapsed, outcome)
        return Attempted(item, attempt)

    async def _post(self, item: ClaimedDelivery, at: datetime) -> Outcome:
        subscription, delivery = item.subscription, item.delivery
        try:
            secrets = tuple(
                self._rules.keyring.secret(subscription.subscription_id, version)
                for version in subscription.signing_versions(at)
            )
            post = WebhookPost(delivery.delivery_id, at, subscription.url, delivery.body, secrets)
            async with asyncio.timeout(self._rules.deadline.total_seconds()):
                return await self._channel.send(post)
        except TimeoutError:
            return Outcome("retry", "timeout")
        except SigningKeyMissing as error:
            log.error("subscription %s: %s", subscription.subscription_id, error)
            return Outcome("retry", "signing-key-missing")
        except Exception as error:
            log.error("delivery %s: %s", delivery.delivery_id, type(error).__name__)
            return Outcome("retry", "internal-error")

    async def settle(self, done: Sequence[Attempted[ClaimedDelivery]]) -> None:
        async with self._uow() as uow:
            now = await uow.now()
            # Always lock subscriptions before deliveries, so that two transactions cannot deadlock.
            subscriptions = await uow.subscriptions.lock(
                tried.item.subscription.subscription_id for tried in done
            )
            held = await uow.deliveries.held(tried.item for tried in done if tried.attempt)
            after: list[Delivery] = []
            attempts: list[Attempt] = []
            for tried in done:
                delivery, attempt = tried.item.delivery, tried.attempt
                if attempt is None or delivery.delivery_id not in held:
                    continue
                settled = delivery.settled(
                    attempt.outcome,
                    now,
                    self._rules.retry_seconds,
                    random.random(),  # noqa: S311 - jitter
                )
                after.append(settled)
                attempts.append(attempt)
                subscription, fact = subscriptions[delivery.subscription_id].after(settled, now)
                subscriptions[delivery.subscription_id] = subscription
                if fact:
                    uow.record(fact, cause=tried.item.traceparent)
            for subscription in subscriptions.values():
                await uow.subscriptions.save(subscription)
            await uow.deliveries.save(after, now)
            await uow.attempts.add(attempts)

    async def close_idle(self) -> None:
        await self._channel.close_idle()
