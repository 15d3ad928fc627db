"""Rounds and instruments as people read them before they answer: by far the most frequent reads.

A round is read anew each time, so that it is never shown open when it is closed. Instruments never
change and are few, so each process keeps those that it has read.
"""

from dataclasses import dataclass
from uuid import UUID

from assessment_service.application.handlers import instrument_unknown
from assessment_service.application.ports import OpenUnitOfWork, Scope
from assessment_service.application.scope import visible
from assessment_service.application.sealing_ports import ReadRound
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.round import Round, unknown_error


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round with its instrument. `has_custodian`: the platform alone cannot open its answers.
    `others` are the names of the units that its unit is reported with."""

    round: Round
    instrument: Instrument
    has_custodian: bool
    others: tuple[str, ...]


class Reading:
    """Reads, with the instruments in memory."""

    def __init__(self, uow: OpenUnitOfWork, read_round: ReadRound) -> None:
        self._uow, self._read_round = uow, read_round
        self._instruments: dict[tuple[str, int], Instrument] = {}

    async def round(self, round_id: UUID, scope: Scope) -> RoundView:
        """Raises DomainError `round-unknown`, or OSError if the database does not answer."""
        facts = await self._read_round(round_id)
        if facts is None:
            raise unknown_error(round_id)
        found = facts.round
        if scope is not None and found.unit.unit_id not in scope.units:
            async with self._uow() as uow:  # It depends on the tree of today.
                await visible(found, round_id, scope, uow)
        release = found.release
        instrument = await self.instrument(release.instrument_id, release.instrument_version)
        others = await self._others(found) if facts.is_in_group else ()
        return RoundView(found, instrument, facts.has_custodian, others)

    async def instrument(self, instrument_id: str, version: int) -> Instrument:
        """Raises DomainError `instrument-unknown`."""
        known = self._instruments.get((instrument_id, version))
        if known is None:
            async with self._uow() as uow:
                known = await uow.instruments.get(instrument_id, version)
            if known is None:
                raise instrument_unknown(instrument_id, version)
            self._instruments[instrument_id, version] = known
        return known

    async def _others(self, round_: Round) -> tuple[str, ...]:
        own = round_.unit.unit_id
        async with self._uow() as uow:
            group = await uow.report_groups.of_unit(round_.release.rollout_id, own)
            if group is None:
                return ()
            names = {unit.unit_id: unit.name for unit in await uow.units.around(group.unit_ids)}
        return tuple(names.get(unit_id, unit_id) for unit_id in group.unit_ids if unit_id != own)
