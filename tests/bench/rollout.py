"""A rollout of any size whose first wave runs, made by the service's own use cases."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

from bench.wave_stores import template
from servicekit.audit_trail import Account
from servicekit.db import create_engine
from servicekit.settings import Database
from workflow_service.adapters.postgres.unit_of_work import WorkflowUnitOfWork
from workflow_service.application.ports import ActionRequest, JourneyFilter
from workflow_service.application.rollout.commands import CreateRollout, PerformAction
from workflow_service.application.rollout.handlers import advance, create_rollout, perform
from workflow_service.application.template.handlers import register_template
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.waves import LEGAL_PREREQUISITES

MIGRATIONS = Path(__file__).resolve().parents[2] / "services" / "workflow" / "migrations"
BRANCHES = tuple(f"branch-{number:02d}" for number in range(20))
PILOTS = tuple(f"pilot-{number}" for number in range(4))
ONE, OTHER = "administrator", "second-administrator"


class Rollout:
    """Of so many units besides its four pilots, in waves of `wave`, in 20 branches."""

    def __init__(self, database: Database, units: int, wave: int) -> None:
        self._engine = create_engine(database)
        self._unit_ids = tuple(f"unit-{number:05d}" for number in range(units))
        self.rollout_id, self.wave = uuid4(), wave

    def uow(self) -> WorkflowUnitOfWork:
        return WorkflowUnitOfWork(self._engine)

    async def close(self) -> None:
        await self._engine.dispose()

    async def prepare(self) -> None:
        """From the import of units to the start of the first wave."""
        everybody = (*PILOTS, *self._unit_ids)
        facts = [UnitFacts("region", "Sample region", "region", None, 20)]
        facts += [UnitFacts(one, f"Sample {one}", "area", "region", 20) for one in BRANCHES]
        for number, unit in enumerate(everybody):
            branch = BRANCHES[number % len(BRANCHES)]
            facts.append(UnitFacts(unit, f"Sample {unit}", "unit", branch, 20))
        document = template()
        async with self.uow() as uow:
            await register_template(document, uow)
            await uow.units.save([Unit(each, 1) for each in facts])
            for unit in everybody:
                await uow.managements.keep(Management(unit, True, datetime.now(UTC), 1))
            name, template_id = "Bench", document["template_id"]
            command = CreateRollout(self.rollout_id, name, template_id, None, PILOTS, None, ONE)
            await create_rollout(command, uow)
        await self._record_prerequisites(0)
        await self.act(c.StartPilot())
        await self._complete(0)
        await self.act(c.OverrideGate("pass", "bench"))
        proposal = c.ProposeDecision("broad_introduction", "bench", "RV 1")
        await self.act(proposal)
        await self.act(c.ApproveDecision(proposal.decision_id), OTHER)
        await self.act(c.PlanWaves(self.wave))
        await self._record_prerequisites(1)
        await self.act(c.StartBroadIntroduction())

    async def _record_prerequisites(self, wave: int) -> None:
        for kind in LEGAL_PREREQUISITES:
            await self.act(c.RecordPrerequisite(wave, kind, "RV 2", date(2026, 1, 2)))

    async def act(self, command: c.AnyCommand, by: str = ONE) -> None:
        request = ActionRequest(command, by, str(uuid4()))
        async with self.uow().by(Account(request.by)) as uow:
            await perform(PerformAction(self.rollout_id, request), uow)

    async def _complete(self, wave: int) -> None:
        async with self.uow() as uow:
            journeys = await uow.rollouts.journeys(self.rollout_id, JourneyFilter(wave=wave))
            completed = [
                replace(journey, step="after_care", status="completed")
                for journey in journeys.values()
            ]
            await uow.rollouts.save_journeys(completed)
            await advance(self.rollout_id, uow)

    async def first_wave(self) -> list[str]:
        """Its units, by id."""
        async with self.uow() as uow:
            wave = JourneyFilter(wave=1)
            return sorted(await uow.rollouts.journeys(self.rollout_id, wave))
