"""How many units per second go through waves of fifty, beside one child workflow per unit.

Twice: with the waves in memory, so that the two designs' use of Temporal is compared, and with the
service's own activities on PostgreSQL, where both designs have the same effects.
"""

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from bench.figures import Counter, Say, Section, compare, interleave
from bench.naive_journeys import NaiveActivities, NaiveJourney, NaiveWave, Unit, workflow_id
from bench.wave_stores import ROOT, WAVE, MemoryStore, PostgresStore, Store
from devstack import Stack
from servicekit import migrations
from servicekit.db import create_engine
from support.apps import unique
from support.databases import create_database, drop_database
from workflow_service.temporal.activity_stubs import WaveInput
from workflow_service.temporal.engine import TemporalEngine, connect
from workflow_service.temporal.wave import WaveWorkflow

MIGRATIONS = ROOT / "services" / "workflow" / "migrations"
UNITS = [f"unit-{number:02}" for number in range(50)]
SWEEP_SECONDS = 60.0  # longer than a run: a wave that misses its hint shows
WAVES, NAIVE = "waves of 50, in memory", "child per unit, in memory"
STORED_WAVES, STORED_NAIVE = "waves of 50, PostgreSQL", "child per unit, PostgreSQL"
ACTIVITIES_AT_ONCE = 8  # as the service's worker has


class Design:
    """One way to bring units through, with a worker and a task queue of its own."""

    def __init__(self, client: Client) -> None:
        self._client, self.queue = client, unique("bench-")
        self.engine = TemporalEngine(
            self._connected, self.queue, SWEEP_SECONDS, deadline_seconds=30
        )
        self.events_per_unit: list[float] = []
        self.store: Store = MemoryStore(self.hint)

    async def _connected(self) -> Client:
        return self._client

    async def hint(self, rollout_id: UUID) -> None:
        """Nudge the wave: there is evidence."""
        await self.engine.nudge_wave(rollout_id, WAVE)

    def worker(self) -> Worker:
        """A worker as the service's, with whatever store."""
        stored = self.store.activities
        activities: list[Callable[..., Any]] = [
            stored.read_wave,
            stored.record_moves,
            stored.open_rounds,
            stored.assign_modules,
        ]
        return Worker(
            self._client,
            task_queue=self.queue,
            workflows=[WaveWorkflow],
            activities=activities,
            max_concurrent_activities=ACTIVITIES_AT_ONCE,
        )

    async def run(self, count: int) -> float:
        """Units per second through `count` waves at a time."""
        rollouts = [uuid4() for _ in range(count)]
        for rollout_id in rollouts:
            await self.store.add(rollout_id, UNITS)
        started = time.perf_counter()
        handles = [
            await self._client.start_workflow(
                WaveWorkflow.run,
                WaveInput(rollout_id, WAVE, SWEEP_SECONDS),
                id=f"wave:{rollout_id}:{WAVE}",
                task_queue=self.queue,
            )
            for rollout_id in rollouts
        ]
        await asyncio.gather(*(handle.result() for handle in handles))
        rate = count * len(UNITS) / (time.perf_counter() - started)
        lengths = [(await handle.describe()).history_length for handle in handles]
        self.events_per_unit += [length / len(UNITS) for length in lengths]
        return rate


class NaiveDesign(Design):
    """The comparison: a workflow per unit. Nobody hints; an update brings the evidence."""

    async def hint(self, rollout_id: UUID) -> None:
        return

    def worker(self) -> Worker:
        return Worker(
            self._client,
            task_queue=self.queue,
            workflows=[NaiveWave, NaiveJourney],
            activities=[NaiveActivities(self.store.activities).take_step],
            max_concurrent_activities=ACTIVITIES_AT_ONCE,
        )

    async def run(self, count: int) -> float:
        """Units per second through a parent with `count` children."""
        units = [Unit(WaveInput(uuid4(), WAVE, SWEEP_SECONDS)) for _ in range(count)]
        for number, unit in enumerate(units):
            await self.store.add(unit.wave.rollout_id, [UNITS[number % len(UNITS)]])
        started = time.perf_counter()
        parent = await self._client.start_workflow(
            NaiveWave.run, units, id=unique("bench-naive-"), task_queue=self.queue
        )
        room = asyncio.Semaphore(10)
        await asyncio.gather(*(self._bring_evidence(unit.wave.rollout_id, room) for unit in units))
        children_events = await parent.result()
        rate = count / (time.perf_counter() - started)
        own = (await parent.describe()).history_length
        self.events_per_unit.append((children_events + own) / count)
        return rate

    async def _bring_evidence(self, rollout_id: UUID, room: asyncio.Semaphore) -> None:
        """Bring a unit its evidence as soon as its workflow is there."""
        handle = self._client.get_workflow_handle(workflow_id(rollout_id))
        async with room:
            while True:
                try:
                    await handle.execute_update(NaiveJourney.report, "meeting_held")
                    return
                except RPCError as error:
                    if error.status != RPCStatusCode.NOT_FOUND:
                        raise
                    await asyncio.sleep(0.05)


@asynccontextmanager
async def designs(stack: Stack) -> AsyncIterator[dict[str, Design]]:
    """All four, each with its worker running, and one database."""
    admin, name = stack.env["POSTGRES_ADMIN_DSN"], unique("bench_")
    async with AsyncExitStack() as exits:
        exits.push_async_callback(drop_database, admin, name)
        database = await create_database(admin, name)
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, database)
        engine = create_engine(database)
        exits.push_async_callback(engine.dispose)
        payload_key = base64.urlsafe_b64encode(os.urandom(32)).decode()
        client = await connect(stack.env["TEMPORAL_ADDRESS"], "default", payload_key, lazy=False)
        found = {
            WAVES: Design(client),
            NAIVE: NaiveDesign(client),
            STORED_WAVES: Design(client),
            STORED_NAIVE: NaiveDesign(client),
        }
        for design in (found[STORED_WAVES], found[STORED_NAIVE]):
            store = PostgresStore(engine, design.engine, design.hint)
            design.store = store
        await store.prepare(UNITS)
        for design in found.values():
            await exits.enter_async_context(design.worker())
        yield found


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `waves` of the bench."""
    say("waves: a database and four Temporal workers")
    rounds, at_once, naive_units = (2, 4, 15) if quick else (3, 6, 30)
    async with designs(stack) as found:
        results = await interleave(
            {
                name: partial(
                    design.run, naive_units if isinstance(design, NaiveDesign) else at_once
                )
                for name, design in found.items()
            },
            rounds,
            say,
        )
        unfinished = sum([await design.store.unfinished() for design in found.values()])
    events = {name: max(design.events_per_unit) for name, design in found.items()}
    return Section(
        "waves: units through Temporal",
        f"{rounds} rounds of {at_once} waves of {len(UNITS)} units at once, and of {naive_units} "
        "child workflows with 5 activities and 1 update each. Payloads encrypted, one process with "
        "all workers, Temporal's database on disk. The other services answer at once. The child "
        "per unit is a naive use of Temporal, not what another engine costs: see the README.",
        [
            *compare({name: results[name] for name in (WAVES, NAIVE)}, "units/s", {}),
            *compare({n: results[n] for n in (STORED_WAVES, STORED_NAIVE)}, "units/s", {}),
        ],
        [
            Counter("waves: history events per unit", max(events[WAVES], events[STORED_WAVES]), 10),
            Counter("a child per unit: history events per unit", events[STORED_NAIVE]),
            Counter("journeys that did not complete", unfinished, 0),
        ],
    )
