"""Which events one-time codes need: those of rounds and of the units' tree."""

from contracts.assessment import RoundClosed, RoundExtended, RoundOpened
from contracts.workflow import UnitChanged, UnitRegistered
from people_service.application import sign_in_codes
from people_service.application.code_ports import CodesUnitOfWork, Round, UnitPlace
from servicekit.consumer_group import ConsumerGroup, EventMeta


async def _open(event: RoundOpened | RoundExtended, uow: CodesUnitOfWork, meta: EventMeta) -> None:
    reported = Round(event.round_id, event.unit_id, event.closes_at, True, meta.time)
    await sign_in_codes.remember_round(reported, uow)


async def _closed(event: RoundClosed, uow: CodesUnitOfWork, meta: EventMeta) -> None:
    reported = Round(event.round_id, event.unit_id, meta.time, False, meta.time)
    await sign_in_codes.remember_round(reported, uow)


async def _place(event: UnitRegistered | UnitChanged, uow: CodesUnitOfWork, _: EventMeta) -> None:
    unit = UnitPlace(event.unit_id, event.parent_id, event.name, event.version)
    await sign_in_codes.place_unit(unit, uow)


CONSUMER_GROUPS = (
    ConsumerGroup(
        "people.rounds", {RoundOpened: _open, RoundExtended: _open, RoundClosed: _closed}
    ),
    ConsumerGroup("people.unit-tree", {UnitRegistered: _place, UnitChanged: _place}),
)
