"""Which events about rounds this service consumes, and the commands they become."""

from functools import partial

from contracts.assessment import ResultsReleased, RoundClosed, RoundExtended, RoundOpened
from contracts.people import UnitMembersJoined
from notification_service.application import rounds
from notification_service.application.commands import (
    AnnounceExtension,
    AnnounceResults,
    EndInvitations,
    InviteJoiners,
    InviteToRound,
)
from notification_service.application.ports import UnitOfWork
from notification_service.application.rounds import RoundRules
from notification_service.entrypoints.events import Hint
from servicekit.consumer_group import ConsumerGroup, EventMeta


def consumer_groups(mail_due: Hint, rules: RoundRules) -> list[ConsumerGroup]:
    """The consumer groups. The hint starts the sender after a commit."""
    return [
        ConsumerGroup(
            "notification.round-invitations",
            {
                RoundOpened: partial(_invite, rules),
                RoundExtended: partial(_extended, rules),
                RoundClosed: _closed,
                UnitMembersJoined: partial(_joined, rules),
            },
            mail_due,
        ),
        ConsumerGroup("notification.results", {ResultsReleased: _released}, mail_due),
    ]


async def _invite(rules: RoundRules, event: RoundOpened, uow: UnitOfWork, _: EventMeta) -> None:
    command = InviteToRound(
        event.round_id,
        event.release_id,
        event.unit_id,
        event.occasion,
        event.opens_at,
        event.closes_at,
        event.together,
    )
    await rounds.invite_to_round(command, uow, rules)


async def _extended(rules: RoundRules, event: RoundExtended, uow: UnitOfWork, _: EventMeta) -> None:
    command = AnnounceExtension(event.round_id, event.unit_id, event.closes_at)
    await rounds.announce_extension(command, uow, rules)


async def _closed(event: RoundClosed, uow: UnitOfWork, _: EventMeta) -> None:
    await rounds.end_invitations(EndInvitations(event.round_id), uow)


async def _joined(
    rules: RoundRules, event: UnitMembersJoined, uow: UnitOfWork, _: EventMeta
) -> None:
    await rounds.invite_joiners(InviteJoiners(event.unit_id), uow, rules)


async def _released(event: ResultsReleased, uow: UnitOfWork, _: EventMeta) -> None:
    """Nothing of the results is taken from the event, nor whether they are shown."""
    command = AnnounceResults(event.round_id, event.rollout_id, event.unit_id)
    await rounds.announce_results(command, uow)
