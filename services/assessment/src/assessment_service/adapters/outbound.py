"""Domain events as contract events: what this service publishes."""

from collections.abc import Sequence
from typing import assert_never

from assessment_service.domain import events
from assessment_service.domain.calendar import civil_date
from assessment_service.domain.events import DomainEvent
from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.results import Cell
from assessment_service.domain.round import Round
from contracts import Event
from contracts import assessment as contract


def translate(event: DomainEvent) -> Sequence[Event]:
    """The contract events that a domain event causes, in order."""
    match event:
        case events.InstrumentPublished():
            return [
                contract.InstrumentPublished(
                    instrument_id=event.instrument_id, version=event.version
                )
            ]
        case events.RoundOpened():
            return [_opened(event)]
        case events.RoundExtended():
            return [_extended(event.round)]
        case events.RoundClosed():
            return [_closed(event.round)]
        case events.RoundWrittenOff():
            return [_written_off(event)]
        case events.RoundAnonymised():
            return [
                contract.RoundAnonymised(
                    round_id=event.round.round_id, anonymised_on=civil_date(event.at)
                )
            ]
        case events.ResultsReleased():
            return [*_released(event), _released_to_others(event)]
        case _:
            assert_never(event)


def _opened(event: events.RoundOpened) -> contract.RoundOpened:
    opened, release = event.round, event.round.release
    return contract.RoundOpened(
        round_id=opened.round_id,
        release_id=release.release_id,
        rollout_id=release.rollout_id,
        unit_id=opened.unit.unit_id,
        occasion=release.occasion,
        instrument_id=release.instrument_id,
        instrument_version=release.instrument_version,
        opens_at=opened.opens_at,
        closes_at=opened.closes_at,
        together=event.together,
    )


def _extended(extended: Round) -> contract.RoundExtended:
    return contract.RoundExtended(
        round_id=extended.round_id,
        rollout_id=extended.release.rollout_id,
        unit_id=extended.unit.unit_id,
        occasion=extended.release.occasion,
        closes_at=extended.closes_at,
    )


def _closed(closed: Round) -> contract.RoundClosed:
    assert closed.closed_at
    return contract.RoundClosed(
        round_id=closed.round_id,
        rollout_id=closed.release.rollout_id,
        unit_id=closed.unit.unit_id,
        occasion=closed.release.occasion,
        closed_on=civil_date(closed.closed_at),
    )


def _written_off(event: events.RoundWrittenOff) -> contract.RoundWrittenOff:
    return contract.RoundWrittenOff(
        round_id=event.round.round_id,
        release_id=event.round.release.release_id,
        rollout_id=event.round.release.rollout_id,
        unit_id=event.round.unit.unit_id,
        written_off_on=civil_date(event.at),
    )


def _released(event: events.ResultsReleased) -> list[contract.ResultsReleased]:
    return [
        contract.ResultsReleased(
            round_id=round_id,
            release_id=event.release.release_id,
            rollout_id=event.release.rollout_id,
            unit_id=cell.unit_id,
            occasion=event.release.occasion,
            visibility=_visibility(cell),
            participation_band=cell.participation_band,
            release_participation_band=event.participation_band,
            behaviours=_behaviours(cell),
        )
        for round_id, cell in event.rounds
    ]


def _released_to_others(event: events.ResultsReleased) -> contract.ExternalResultsReleased:
    return contract.ExternalResultsReleased(
        rollout_id=event.release.rollout_id,
        release_id=event.release.release_id,
        occasion=event.release.occasion,
        level="region",
        visibility=_visibility(event.region),
        behaviours=_behaviours(event.region),
    )


def _visibility(cell: Cell) -> str:
    return "shown" if cell.shown else "hidden"


def _behaviours(cell: Cell) -> tuple[contract.BehaviourIndex, ...]:
    return tuple(
        contract.BehaviourIndex(code=code, index=cell.indexes[code]) for code in BEHAVIOURS
    )
