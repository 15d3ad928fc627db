"""Work grows with what changes, not with the rollout: the statements that an action and a turn of a
wave send and the rows that they read, in rollouts of 50, 500 and 5,000 units. An action costs the
same in each, and a turn of a wave of the same size too.

The use cases run in this process, on a database of their own behind the counter.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bench.rollout import ONE, Rollout
from bench.sql_counter import SqlCounter
from servicekit.settings import Database
from workflow_service.application.journey.handlers import read_wave, record_moves
from workflow_service.application.rollout.handlers import advance
from workflow_service.application.rollout.queries import get_rollout
from workflow_service.domain.journey.turn import plan_moves
from workflow_service.domain.rollout import commands as c
from workflow_service.domain.rollout.waves import LEGAL_PREREQUISITES

SIZES = ((50, 25), (500, 25), (5_000, 25), (500, 100))
"""Units of the rollout, and of each wave."""


@dataclass(frozen=True)
class Cost:
    """What one piece of work sent to PostgreSQL, and how many rows came back."""

    statements: int
    rows: int


class Growing:
    """What work in a rollout costs."""

    def __init__(self, rollout: Rollout, counter: SqlCounter) -> None:
        self._rollout, self._counter = rollout, counter

    async def costs(self) -> dict[str, Cost]:
        """Each after the same kind of work has warmed the connection up."""
        kinds = iter(LEGAL_PREREQUISITES * 2)
        waves = iter((2, 2, 3, 3))
        units = iter(await self._rollout.first_wave())
        return {
            "pause_unit": await self._cost(lambda: self._action(c.PauseUnit(next(units), "x"))),
            "record_prerequisite": await self._cost(
                lambda: self._action(
                    c.RecordPrerequisite(next(waves), next(kinds), "RV 3", date(2026, 1, 2))
                )
            ),
            f"a turn of a wave of {self._rollout.wave}": await self._cost(self._turn),
        }

    async def _action(self, command: c.AnyCommand) -> None:
        """The action as the API does it: perform, then read what the caller is shown."""
        await self._rollout.act(command)
        async with self._rollout.uow() as uow:
            await get_rollout(self._rollout.rollout_id, ONE, uow, c.COMMANDS)

    async def _turn(self) -> None:
        """Read, plan and record as the wave's workflow does; then the rollout looks."""
        rollout_id = self._rollout.rollout_id
        async with self._rollout.uow() as uow:
            snapshot = await read_wave(rollout_id, 1, uow)
        moves = plan_moves(snapshot, datetime.now(UTC) + timedelta(days=400))
        async with self._rollout.uow() as uow:
            await record_moves(rollout_id, 1, moves, uow)
        async with self._rollout.uow() as uow:
            await advance(rollout_id, uow)

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
    rollout = Rollout(database, units, wave)
    try:
        await rollout.prepare()
        yield Growing(rollout, counter)
    finally:
        await rollout.close()
