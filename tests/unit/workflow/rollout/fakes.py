"""A unit of work in memory for rollout use cases, held to the same port tests as the real one
(tests/integration/workflow/test_rollout_ports.py)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from unit.workflow.organisation.fakes import FakeUnitsUnitOfWork
from workflow_service.application.ports import JourneyFilter, NewEvidence, Transition
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.turn import Evidence, Situation
from workflow_service.domain.rollout.gate import ReleasedRound, UnitEvidence
from workflow_service.domain.rollout.rollout import Rollout


class FakeRollouts:
    def __init__(self, uow: "FakeUnitOfWork") -> None:
        self._uow = uow
        self.rows: dict[UUID, Rollout] = {}
        self.history: dict[UUID, list[Transition]] = {}
        self.units: dict[UUID, dict[str, Journey]] = {}
        self.evidence: list[NewEvidence] = []

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

    async def page(self, offset: int, limit: int) -> tuple[list[Rollout], int]:
        rows = list(self.rows.values())[::-1]
        return rows[offset : offset + limit], len(rows)

    async def going(self) -> list[Rollout]:
        return [state for state in self.rows.values() if not state.ended]

    async def transitions(
        self, rollout_id: UUID, offset: int, limit: int
    ) -> tuple[list[Transition], int]:
        history = self.history[rollout_id][::-1]
        return history[offset : offset + limit], len(history)

    async def journeys(
        self, rollout_id: UUID, unit_ids: Collection[str] | None = None
    ) -> dict[str, Journey]:
        known = self.units[rollout_id]
        return {u: j for u, j in known.items() if unit_ids is None or u in unit_ids}

    async def units_under_way(self) -> frozenset[str]:
        journeys = (each for units in self.units.values() for each in units.values())
        return frozenset(journey.unit_id for journey in journeys if not journey.ended)

    async def save_journeys(self, journeys: Sequence[Journey]) -> None:
        for journey in journeys:
            self.units[journey.rollout_id][journey.unit_id] = journey

    async def situations(self, rollout_id: UUID, wave: int) -> list[Situation]:
        found, _ = await self.situations_page(rollout_id, JourneyFilter(wave=wave), 0, 10_000)
        return found

    async def situations_page(
        self, rollout_id: UUID, wanted: JourneyFilter, offset: int, limit: int
    ) -> tuple[list[Situation], int]:
        found = [
            self._situation(journey)
            for unit_id, journey in sorted(self.units[rollout_id].items())
            if wanted.wave in (None, journey.wave)
            and wanted.status in (None, journey.status)
            and (wanted.unit_ids is None or unit_id in wanted.unit_ids)
        ]
        return found[offset : offset + limit], len(found)

    def _situation(self, journey: Journey) -> Situation:
        unit = self._uow.units.rows[journey.unit_id]
        first: dict[str, Evidence] = {}
        for new in sorted(self._of(journey), key=lambda new: new.evidence.at):
            first.setdefault(new.evidence.kind, new.evidence)
        evidence = tuple(first[kind] for kind in sorted(first))
        facts = unit.facts
        return Situation(journey, facts.name, facts.headcount, bool(unit.manager_id), evidence)

    def _of(self, journey: Journey) -> list[NewEvidence]:
        place = (journey.rollout_id, journey.unit_id)
        return [new for new in self.evidence if (new.rollout_id, new.unit_id) == place]

    async def pilot_evidence(self, rollout_id: UUID) -> list[UnitEvidence]:
        pilots = (j for _, j in sorted(self.units[rollout_id].items()) if j.wave == 0)
        return [self._pilot(journey) for journey in pilots]

    def _pilot(self, journey: Journey) -> UnitEvidence:
        found = self._of(journey)

        def released(occasion: str) -> ReleasedRound | None:
            for new in found:
                if new.evidence.kind == f"{occasion}_released":
                    return ReleasedRound(new.detail["participation"], new.detail["indices"])
            return None

        def count(kind: str) -> int:
            return sum(new.evidence.kind == kind for new in found)

        return UnitEvidence(
            unit_id=journey.unit_id,
            stopped=journey.status == "stopped",
            meetings=count("meeting_held"),
            actions_chosen=count("action_chosen"),
            actions_checked_back=count("action_checked_back"),
            modules_completed=frozenset(
                new.detail["module_id"] for new in found if new.evidence.kind == "module_completed"
            ),
            baseline=released("baseline"),
            follow_up=released("follow_up"),
        )

    async def add_evidence(self, new: NewEvidence) -> bool:
        if new.unit_id not in self.units.get(new.rollout_id, {}):
            return False
        place = (new.rollout_id, new.unit_id, new.evidence.kind, new.reference)
        known = {(n.rollout_id, n.unit_id, n.evidence.kind, n.reference) for n in self.evidence}
        if place not in known:
            self.evidence.append(replace(new))
        return True


class FakeUnitOfWork(FakeUnitsUnitOfWork):
    def __init__(self) -> None:
        super().__init__()
        self.rollouts = FakeRollouts(self)
