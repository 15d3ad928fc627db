"""Which events this service consumes, and the commands they become."""

from collections.abc import Awaitable, Callable, Sequence

from contracts import Event
from contracts.content import AssignmentCreated
from contracts.people import DelegationEndApproached, PersonErased, UnitManagerChanged
from contracts.registry import EVENTS
from contracts.workflow import (
    JourneyStuck,
    RolloutDecisionApproved,
    RolloutGateEvaluated,
    UnitChanged,
    UnitRegistered,
)
from notification_service.application import erasing, handlers, subscription_handlers
from notification_service.application.commands import (
    AnnounceDecision,
    AnnounceManager,
    AnnounceModules,
    Broadcast,
    CallForPerson,
    RememberUnit,
    RemindOfEnd,
    ReportStuckJourney,
)
from notification_service.application.ports import UnitOfWork
from servicekit.consumer_group import ConsumerGroup, EventMeta, Handler

PUBLISHED = tuple(
    event for event in EVENTS.values() if event.TYPE.startswith("external.") and not event.RETIRED
)
RETIRED = {event.TYPE: event.RETIRED for event in EVENTS.values() if event.RETIRED}
"""Types that are not published any more, and what takes their place."""
"""The event types that a webhook subscription can contain."""

Hint = Callable[[Sequence[Event]], Awaitable[None]]


def consumer_groups(mail_due: Hint, webhook_due: Hint) -> list[ConsumerGroup]:
    """The consumer groups. The hints start the senders after a commit."""
    on_external: dict[type[Event], Handler] = dict.fromkeys(PUBLISHED, _broadcast)
    return [
        ConsumerGroup("notification.units", {UnitRegistered: _remember, UnitChanged: _remember}),
        ConsumerGroup(
            "notification.unit-messages",
            {
                AssignmentCreated: _modules_assigned,
                UnitManagerChanged: _manager_changed,
                RolloutGateEvaluated: _gate_evaluated,
                RolloutDecisionApproved: _decision_approved,
                JourneyStuck: _journey_stuck,
            },
            mail_due,
        ),
        ConsumerGroup(
            "notification.delegations", {DelegationEndApproached: _delegation_ends}, mail_due
        ),
        ConsumerGroup("notification.erasures", {PersonErased: _erase}),
        ConsumerGroup("notification.webhooks", on_external, webhook_due),
    ]


async def _remember(event: UnitRegistered | UnitChanged, uow: UnitOfWork, _: EventMeta) -> None:
    await handlers.remember_unit(RememberUnit(event.unit_id, event.name, event.version), uow)


async def _modules_assigned(event: AssignmentCreated, uow: UnitOfWork, _: EventMeta) -> None:
    command = AnnounceModules(event.rollout_id, event.unit_id)
    await handlers.announce_modules(command, uow)


async def _manager_changed(event: UnitManagerChanged, uow: UnitOfWork, _: EventMeta) -> None:
    """A unit's first manager takes nothing over; one who comes after a vacancy does."""
    if event.manager != "vacant" and event.version > 1:
        await handlers.announce_manager(AnnounceManager(event.unit_id), uow)


async def _delegation_ends(event: DelegationEndApproached, uow: UnitOfWork, _: EventMeta) -> None:
    await handlers.remind_of_end(RemindOfEnd(event.delegation_id, event.ends_on), uow)


async def _gate_evaluated(event: RolloutGateEvaluated, uow: UnitOfWork, meta: EventMeta) -> None:
    """Only an inconclusive gate waits for a person."""
    if event.outcome == "inconclusive":
        command = CallForPerson(meta.id, event.rollout_id)
        await handlers.call_for_person(command, uow)


async def _decision_approved(event: RolloutDecisionApproved, uow: UnitOfWork, _: EventMeta) -> None:
    command = AnnounceDecision(event.decision_id, event.rollout_id)
    await handlers.announce_decision(command, uow)


async def _journey_stuck(event: JourneyStuck, uow: UnitOfWork, meta: EventMeta) -> None:
    command = ReportStuckJourney(meta.id, event.unit_id, event.code)
    await handlers.report_stuck_journey(command, uow)


async def _erase(event: PersonErased, uow: UnitOfWork, _: EventMeta) -> None:
    await erasing.erase_person(event.erasure_id, uow)


async def _broadcast(event: Event, uow: UnitOfWork, meta: EventMeta) -> None:
    command = Broadcast(
        event_id=meta.id,
        event_type=event.TYPE,
        occurred_at=meta.time,
        data=meta.data,
    )
    await subscription_handlers.broadcast(command, uow)
