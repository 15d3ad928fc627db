"""Everything that happens here, as the domain says it; adapters/outbound.py tells the world."""

from dataclasses import dataclass
from uuid import UUID

from assessment_service.domain.instrument import InstrumentPublished
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
    """A release is out: each round's cell, and the whole for other regional systems."""

    release: Release
    rounds: tuple[tuple[UUID, Cell], ...]
    region: Cell


DomainEvent = (
    InstrumentPublished
    | RoundOpened
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
    "RoundOpened",
    "RoundWrittenOff",
]
