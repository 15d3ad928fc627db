"""All domain events of this service; adapters/outbound.py translates them to contract events."""

from dataclasses import dataclass
from uuid import UUID

from assessment_service.domain.closing_time import RoundExtended
from assessment_service.domain.instrument import InstrumentPublished
from assessment_service.domain.participation_band import Band
from assessment_service.domain.results import Cell
from assessment_service.domain.round import (
    Release,
    RoundAnonymised,
    RoundClosed,
    RoundOpened,
    RoundWrittenOff,
)


@dataclass(frozen=True, slots=True)
class ResultsReleased:
    """A release's results are out: each round's cell, the whole, and the region's cell for other
    systems."""

    release: Release
    rounds: tuple[tuple[UUID, Cell], ...]
    participation_band: Band | None
    region: Cell


DomainEvent = (
    InstrumentPublished
    | RoundOpened
    | RoundExtended
    | RoundClosed
    | RoundWrittenOff
    | RoundAnonymised
    | ResultsReleased
)

__all__ = [
    "DomainEvent",
    "InstrumentPublished",
    "ResultsReleased",
    "RoundAnonymised",
    "RoundClosed",
    "RoundExtended",
    "RoundOpened",
    "RoundWrittenOff",
]
