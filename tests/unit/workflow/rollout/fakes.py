"""Rollouts, journeys and evidence in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from unit.workflow.organisation.fakes import FakeManagements, FakeUnits
from workflow_service.application.ports import (
    ALL_JOURNEYS,
    JourneyFilter,
    NewEvidence,
    PageOf,
    Transition,
)
from workflow_service.domain.journey.evidence import Evidence
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.progress import WaveProgress
from workflow_service.domain.journey.turn import Situation
from workflow_service.domain.rollout.gate import UnitEvidence
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.transition import Member


class FakeRollouts:
    def __init__(self, units: FakeUnits) -> None:
        self._units = units
        self.managements = FakeManagements(self._going)
        self.rows: dict[UUID, Rollout] = {}
        self.history: dict[UUID, list[Transition]] = {}
        self.units: dict[UUID, dict[str, Journey]] = {}
        self.evidence: dict[tuple[UUID, str, str, UUID], NewEvidence] = {}
        self.withdrawn: dict[tuple[UUID, str, str, UUID], datetime] = {}
        self.round_times: dict[tuple[UUID, str, str], tuple[datetime, datetime]] = {}

    async def add(
        self, state: Rollout, journeys: Sequence[Journey], transition: Transition
    ) -> None:
        self.rows[state.rollout_id] = state
        self.history[state.rollout_id] = [transition]
        self.units[state.rollout_id] = {journey.unit_id: journey for journey in journeys}

    async def get(self, rollout_id: UUID) -> Rollout | None:
        return self.rows.get(rollout_id)

    async def lock(self, rollout_id: UUID) -> Rollout | None:
        return self.rows.get(rollout_id)

    async def save(self, state: Rollout, transition: Transition) -> None:
        self.rows[state.rollout_id] = state
        self.history[state.rollout_id].append(transition)

    async def is_known(self, rollout_id: UUID, request_id: str) -> bool:
        return any(known.request_id == request_id for known in self.history[rollout_id])

    async def page(self, page: PageOf) -> tuple[list[Rollout], int]:
        rows = list(self.rows.values())[::-1]
        return rows[page.offset : page.offset + page.limit], len(rows)

    async def public(self, page: PageOf) -> tuple[list[Rollout], int]:
        rows = [one for one in list(self.rows.values())[::-1] if one.phase != "preparation"]
        return rows[page.offset : page.offset + page.limit], len(rows)

    async def going(self) -> list[Rollout]:
        return [state for state in self.rows.values() if not state.ended]

    async def transitions(self, rollout_id: UUID, page: PageOf) -> tuple[list[Transition], int]:
        history = self.history[rollout_id][::-1]
        return history[page.offset : page.offset + page.limit], len(history)

    async def journeys(
        self, rollout_id: UUID, wanted: JourneyFilter = ALL_JOURNEYS
    ) -> dict[str, Journey]:
        return {
            unit_id: journey
            for unit_id, journey in sorted(self.units[rollout_id].items())
            if wanted.wave in (None, journey.wave)
            and wanted.status in (None, journey.status)
            and wanted.step in (None, journey.step)
            and (wanted.text is None or self._named(unit_id, wanted.text.casefold()))
            and (wanted.unit_ids is None or unit_id in wanted.unit_ids)
        }

    def _named(self, unit_id: str, text: str) -> bool:
        return text in unit_id or text in self._units.rows[unit_id].facts.name.casefold()

    async def members(
        self, rollout_id: UUID, wanted: JourneyFilter = ALL_JOURNEYS
    ) -> dict[str, Member]:
        return {
            unit_id: Member(journey, self._units.rows[unit_id].facts.headcount)
            for unit_id, journey in (await self.journeys(rollout_id, wanted)).items()
        }

    async def progress(self, rollout_id: UUID, waves: Collection[int]) -> dict[int, WaveProgress]:
        journeys = self.units[rollout_id].values()
        return {wave: WaveProgress.of(j for j in journeys if j.wave == wave) for wave in waves}

    async def progress_of_all(self, rollout_id: UUID) -> WaveProgress:
        return WaveProgress.of(self.units[rollout_id].values())

    async def stuck(
        self, page: PageOf, unit_ids: Collection[str] | None = None
    ) -> tuple[list[Journey], int]:
        found = [
            journey
            for rollout_id, journeys in sorted(self.units.items())
            for _, journey in sorted(journeys.items())
            if not self.rows[rollout_id].ended
            and journey.status == "active"
            and journey.refused
            and (unit_ids is None or journey.unit_id in unit_ids)
        ]
        return found[page.offset : page.offset + page.limit], len(found)

    def _going(self) -> list[Journey]:
        return [
            journey
            for rollout_id, journeys in sorted(self.units.items())
            for _, journey in sorted(journeys.items())
            if not self.rows[rollout_id].ended and not journey.ended
        ]

    async def journeys_under_way(self, unit_ids: Collection[str]) -> list[Journey]:
        return [journey for journey in self._going() if journey.unit_id in unit_ids]

    async def journeys_of(self, unit_id: str) -> list[tuple[Rollout, Journey]]:
        return [
            (state, self.units[rollout_id][unit_id])
            for rollout_id, state in reversed(self.rows.items())
            if unit_id in self.units[rollout_id]
        ]

    async def open_rounds(self, unit_ids: Collection[str], at: datetime) -> list[tuple[UUID, str]]:
        return sorted(
            (rollout_id, unit_id)
            for (rollout_id, unit_id, _), (closes_at, _) in self.round_times.items()
            if unit_id in unit_ids and closes_at > at
        )

    async def units_under_way(self) -> frozenset[str]:
        journeys = (each for units in self.units.values() for each in units.values())
        return frozenset(journey.unit_id for journey in journeys if not journey.ended)

    async def under_way_elsewhere(
        self, rollout_id: UUID, unit_ids: Collection[str]
    ) -> dict[str, UUID]:
        return {
            journey.unit_id: other
            for other, journeys in self.units.items()
            for journey in journeys.values()
            if other != rollout_id
            and journey.unit_id in unit_ids
            and journey.step_started_at
            and not journey.ended
        }

    async def save_journeys(self, journeys: Sequence[Journey]) -> None:
        for journey in journeys:
            self.units[journey.rollout_id][journey.unit_id] = journey

    async def situations(self, rollout_id: UUID, wanted: JourneyFilter) -> list[Situation]:
        journeys = await self.journeys(rollout_id, wanted)
        return [self._situation(journey) for journey in journeys.values()]

    async def situations_page(
        self, rollout_id: UUID, wanted: JourneyFilter, page: PageOf
    ) -> tuple[list[Situation], int]:
        found = await self.situations(rollout_id, wanted)
        return found[page.offset : page.offset + page.limit], len(found)

    def _situation(self, journey: Journey) -> Situation:
        unit = self._units.rows[journey.unit_id]
        first: dict[str, Evidence] = {}
        for new in sorted(self._of(journey), key=lambda new: new.at):
            first.setdefault(new.detail.kind, Evidence(new.detail.kind, new.at, new.traceparent))
        evidence = tuple(first[kind] for kind in sorted(first))
        facts = unit.facts
        place = (journey.rollout_id, journey.unit_id, journey.step)
        closes_at, _ = self.round_times.get(place, (None, None))
        return Situation(
            *(
                journey,
                facts.name,
                facts.headcount,
                self.managements.has(journey.unit_id),
                evidence,
            ),
            round_closes_at=closes_at,
        )

    def _of(self, journey: Journey) -> list[NewEvidence]:
        place = (journey.rollout_id, journey.unit_id)
        return [
            new
            for key, new in self.evidence.items()
            if key[:2] == place and not self._is_withdrawn(key, new.at)
        ]

    def _is_withdrawn(self, key: tuple[UUID, str, str, UUID], at: datetime) -> bool:
        withdrawn_at = self.withdrawn.get(key)
        return withdrawn_at is not None and at <= withdrawn_at

    async def pilot_evidence(self, rollout_id: UUID) -> list[UnitEvidence]:
        pilots = (await self.journeys(rollout_id, JourneyFilter(wave=0))).values()
        return [
            UnitEvidence.of(
                journey.unit_id,
                [new.detail for new in self._of(journey)],
                stopped=journey.status == "stopped",
            )
            for journey in pilots
        ]

    async def references_of_evidence(self, rollout_id: UUID) -> frozenset[tuple[str, str, UUID]]:
        keys = {*self.evidence, *self.withdrawn}
        return frozenset(key[1:] for key in keys if key[0] == rollout_id)

    async def add_evidence(self, new: NewEvidence) -> bool:
        if new.unit_id not in self.units.get(new.rollout_id, {}):
            return False
        key = (new.rollout_id, new.unit_id, new.detail.kind, new.reference)
        known = self.evidence.get(key)
        if known is None or known.at < new.at:
            self.evidence[key] = new
        return True

    async def withdraw_evidence(
        self, rollout_id: UUID, unit_id: str, kind: str, reference: UUID, at: datetime
    ) -> None:
        key = (rollout_id, unit_id, kind, reference)
        self.withdrawn[key] = max(at, self.withdrawn.get(key, at))

    async def note_round(
        self, rollout_id: UUID, unit_id: str, occasion: str, closes_at: datetime, at: datetime
    ) -> None:
        known = self.round_times.get((rollout_id, unit_id, occasion))
        if known is None or known[1] < at:
            self.round_times[rollout_id, unit_id, occasion] = (closes_at, at)
