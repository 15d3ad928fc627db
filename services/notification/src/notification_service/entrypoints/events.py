"""Which events this service takes, and the commands they become."""

from collections.abc import Awaitable, Callable, Sequence

from contracts import Event
from contracts.assessment import RoundOpened
from contracts.content import AssignmentCreated
from contracts.registry import EVENTS
from contracts.workflow import (
    RolloutDecisionApproved,
    RolloutGateEvaluated,
    UnitChanged,
    UnitManagerAssigned,
    UnitRegistered,
)
from notification_service.application import handlers, subscription_handlers
from notification_service.application.commands import (
    AnnounceDecision,
    AnnounceManager,
    AnnounceModules,
    Broadcast,
    CallForPerson,
    InviteToRound,
    RememberUnit,
)
from notification_service.application.ports import Clock, UnitOfWork
from notification_service.application.subscription_handlers import WebhookRules
from servicekit.subscription import EventMeta, Handler, Subscription
from servicekit.telemetry import current_traceparent

PUBLISHED = tuple(event for event in EVENTS.values() if event.TYPE.startswith("external."))
"""What a webhook subscription can ask for."""

Hint = Callable[[Sequence[Event]], Awaitable[None]]


def subscriptions(
    clock: Clock, webhooks: WebhookRules, mail_due: Hint, webhook_due: Hint
) -> list[Subscription]:
    """The consumer groups. The hints wake the senders after a commit."""
    messages = _Messages(clock)

    async def broadcast(event: Event, uow: UnitOfWork, meta: EventMeta) -> None:
        command = Broadcast(
            event_id=meta.id,
            event_type=event.TYPE,
            occurred_at=meta.time,
            data_json=event.model_dump_json(),
            traceparent=current_traceparent(),
        )
        await subscription_handlers.broadcast(command, uow, webhooks)

    on_external: dict[type[Event], Handler] = dict.fromkeys(PUBLISHED, broadcast)
    return [
        Subscription("notification.units", {UnitRegistered: _remember, UnitChanged: _remember}),
        Subscription("notification.round-invitations", {RoundOpened: messages.invite}, mail_due),
        Subscription(
            "notification.unit-messages",
            {
                AssignmentCreated: messages.modules_assigned,
                UnitManagerAssigned: messages.manager_assigned,
                RolloutGateEvaluated: messages.gate_evaluated,
                RolloutDecisionApproved: messages.decision_approved,
            },
            mail_due,
        ),
        Subscription("notification.webhooks", on_external, webhook_due),
    ]


async def _remember(event: UnitRegistered | UnitChanged, uow: UnitOfWork, _: EventMeta) -> None:
    await handlers.remember_unit(RememberUnit(event.unit_id, event.name, event.version), uow)


class _Messages:
    """Events that lead to messages to people."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def invite(self, event: RoundOpened, uow: UnitOfWork, _: EventMeta) -> None:
        command = InviteToRound(
            event.round_id, event.unit_id, event.closes_at, current_traceparent()
        )
        await handlers.invite_to_round(command, uow, self._clock)

    async def modules_assigned(
        self, event: AssignmentCreated, uow: UnitOfWork, _: EventMeta
    ) -> None:
        command = AnnounceModules(event.rollout_id, event.unit_id, current_traceparent())
        await handlers.announce_modules(command, uow, self._clock)

    async def manager_assigned(
        self, event: UnitManagerAssigned, uow: UnitOfWork, _: EventMeta
    ) -> None:
        command = AnnounceManager(
            event.unit_id, event.manager_id, event.version, current_traceparent()
        )
        await handlers.announce_manager(command, uow, self._clock)

    async def gate_evaluated(
        self, event: RolloutGateEvaluated, uow: UnitOfWork, meta: EventMeta
    ) -> None:
        """Pass and fail speak for themselves; inconclusive waits for a person."""
        if event.outcome == "inconclusive":
            command = CallForPerson(meta.id, event.rollout_id, current_traceparent())
            await handlers.call_for_person(command, uow, self._clock)

    async def decision_approved(
        self, event: RolloutDecisionApproved, uow: UnitOfWork, _: EventMeta
    ) -> None:
        command = AnnounceDecision(event.decision_id, event.rollout_id, current_traceparent())
        await handlers.announce_decision(command, uow, self._clock)
