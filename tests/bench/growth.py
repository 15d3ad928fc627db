"""Work grows with what changes, not with the rollout: the statements that an action and a turn of a
wave send and the rows that they read, in rollouts of 50, 500 and 5,000 units. An action costs the
same in each, and a turn of a wave of the same size too.

The use cases run in this process, on a database of their own behind the counter.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from bench.sql_counter import SqlCounter
from bench.wave_stores import template
from servicekit.audit_trail import Account
from servicekit.db import create_engine
from servicekit.settings import Database
from workflow_service.adapters.postgres.unit_of_work import WorkflowUnitOfWork
from workflow_service.application.journey.handlers import read_wave, record_moves
from workflow_service.application.ports import ActionRequest, JourneyFilter
from workflow_service.application.rollout.commands import CreateRollout, PerformAction
from workflow_service.application.rollout.handlers import advance, create_rollout, perform
from workflow_service.application.rollout.queries import get_rollout
from workflow_service.application.template.handlers import register_template
from workflow_service.domain.journey.turn import plan_moves
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.waves import LEGAL_PREREQUISITES

MIGRATIONS = Path(__file__).resolve().parents[2] / "services" / "workflow" / "migrations"
SIZES = ((50, 25), (500, 25), (5_000, 25), (500, 100))
"""Units of the rollout, and of each wave."""
PILOTS = tuple(f"pilot-{number}" for number in range(4))
ONE, OTHER = "administrator", "second-administrator"


@dataclass(frozen=True)
class Cost:
    """What one piece of work sent to PostgreSQL, and how many rows came back."""

    statements: int
    rows: int


class Growing:
    """A rollout whose first wave runs."""

    def __init__(self, database: Database, counter: SqlCounter, units: int, wave: int) -> None:
        self._engine, self._counter = create_engine(database), counter
        self._unit_ids = tuple(f"unit-{number:05d}" for number in range(units))
        self._rollout_id, self._wave = uuid4(), wave

    def _uow(self) -> WorkflowUnitOfWork:
        return WorkflowUnitOfWork(self._engine)

    async def close(self) -> None:
        await self._engine.dispose()

    async def prepare(self) -> None:
        """From the import of units to the start of the first wave."""
        everybody = (*PILOTS, *self._unit_ids)
        facts = [UnitFacts(unit, f"Sample {unit}", "unit", None, 20) for unit in everybody]
        document = template()
        async with self._uow() as uow:
            await register_template(document, uow)
            await uow.units.save([Unit(each, 1) for each in facts])
            for each in facts:
                await uow.managements.keep(Management(each.unit_id, True, datetime.now(UTC), 1))
            name, template_id = "Bench", document["template_id"]
            command = CreateRollout(self._rollout_id, name, template_id, None, PILOTS, None, ONE)
            await create_rollout(command, uow)
        await self._record_prerequisites(0)
        await self._act(c.StartPilot())
        await self._complete(0)
        await self._act(c.OverrideGate("pass", "bench"))
        proposal = c.ProposeDecision("broad_introduction", "bench", "RV 1")
        await self._act(proposal)
        await self._act(c.ApproveDecision(proposal.decision_id), OTHER)
        await self._act(c.PlanWaves(self._wave))
        await self._record_prerequisites(1)
        await self._act(c.StartBroadIntroduction())

    async def _record_prerequisites(self, wave: int) -> None:
        for kind in LEGAL_PREREQUISITES:
            await self._act(c.RecordPrerequisite(wave, kind, "RV 2", date(2026, 1, 2)))

    async def _act(self, command: c.AnyCommand, by: str = ONE) -> None:
        request = ActionRequest(command, by, str(uuid4()))
        async with self._uow().by(Account(request.by)) as uow:
            await perform(PerformAction(self._rollout_id, request), uow)

    async def _complete(self, wave: int) -> None:
        async with self._uow() as uow:
            journeys = await uow.rollouts.journeys(self._rollout_id, JourneyFilter(wave=wave))
            completed = [
                replace(journey, step="after_care", status="completed")
                for journey in journeys.values()
            ]
            await uow.rollouts.save_journeys(completed)
            await advance(self._rollout_id, uow)

    async def costs(self) -> dict[str, Cost]:
        """Each after the same kind of work has warmed the connection up."""
        kinds = iter(LEGAL_PREREQUISITES * 2)
        waves = iter((2, 2, 3, 3))
        units = iter(sorted(await self._first_wave()))
        return {
            "pause_unit": await self._cost(lambda: self._action(c.PauseUnit(next(units), "x"))),
            "record_prerequisite": await self._cost(
                lambda: self._action(
                    c.RecordPrerequisite(next(waves), next(kinds), "RV 3", date(2026, 1, 2))
                )
            ),
            f"a turn of a wave of {self._wave}": await self._cost(self._turn),
        }

    async def _first_wave(self) -> set[str]:
        async with self._uow() as uow:
            return set(await uow.rollouts.journeys(self._rollout_id, JourneyFilter(wave=1)))

    async def _action(self, command: c.AnyCommand) -> None:
        """The action as the API does it: perform, then read what the caller is shown."""
        await self._act(command)
        async with self._uow() as uow:
            await get_rollout(self._rollout_id, ONE, uow, c.COMMANDS)

    async def _turn(self) -> None:
        """Read, plan and record as the wave's workflow does; then the rollout looks."""
        async with self._uow() as uow:
            snapshot = await read_wave(self._rollout_id, 1, uow)
        moves = plan_moves(snapshot, datetime.now(UTC) + timedelta(days=400))
        async with self._uow() as uow:
            await record_moves(self._rollout_id, 1, moves, uow)
        async with self._uow() as uow:
            await advance(self._rollout_id, uow)

    async def _cost(self, work: Callable[[], Awaitable[None]]) -> Cost:
        await work()
        executed, rows = self._counter.executed.copy(), self._counter.rows
        await work()
        return Cost(self._counter.since(executed).total(), self._counter.rows - rows)


@asynccontextmanager
async def growing(
    database: Database, counter: SqlCounter, units: int, wave: int
) -> AsyncIterator[Growing]:
    """A rollout of so many units besides its four pilots, in waves of so many."""
    rollout = Growing(database, counter, units, wave)
    try:
        await rollout.prepare()
        yield rollout
    finally:
        await rollout.close()
