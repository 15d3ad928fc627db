"""How many units per second go through waves of fifty, beside one child workflow per unit.

The wave does its real work: the service's own activities on PostgreSQL, outbox rows included; only
the two other services are stood in for, by peers that answer at once with the evidence. The naive
design's activities do nothing.
"""

import asyncio
import base64
import json
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import insert, text
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from bench.figures import Counter, Say, Section, compare, interleave
from bench.naive_journeys import NaiveJourney, NaiveWave, take_step
from devstack import Stack
from servicekit import migrations
from servicekit.db import create_engine
from support.apps import create_database, drop_database, unique
from workflow_service.adapters.tables import Base
from workflow_service.adapters.unit_of_work import SqlWorkflowUnitOfWork
from workflow_service.application.ports import Transition
from workflow_service.application.template_handlers import register_template
from workflow_service.domain import rollout
from workflow_service.domain.journey import Journey
from workflow_service.domain.turn import AssignModules, OpenRounds
from workflow_service.domain.unit import Unit, UnitFacts
from workflow_service.entrypoints.temporal.activities import Activities
from workflow_service.entrypoints.temporal.activity_stubs import WaveInput
from workflow_service.entrypoints.temporal.client import TemporalEngine, connect
from workflow_service.entrypoints.temporal.wave import WaveWorkflow
from workflow_service.entrypoints.temporal.worker import create_worker

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = ROOT / "services" / "workflow" / "migrations"
TEMPLATE = json.loads((ROOT / "demo/data/template.compressed.json").read_text(encoding="utf-8"))
UNITS_PER_WAVE, WAVE = 50, 1
SWEEP_SECONDS = 60.0  # longer than a run: a wave that misses its hint shows
WAVES, NAIVE = "waves of 50 units", "a child workflow per unit"
_EVIDENCE = Base.metadata.tables["evidence"]


class ReadyPeers:
    """The other services, so quick that the evidence is there when they have answered."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench

    async def open_rounds(self, command: OpenRounds) -> None:
        kinds = [f"{command.occasion}_released"]
        if command.occasion == "follow_up":
            kinds.append("action_checked_back")
        await self._bench.evidence(command.rollout_id, command.unit_ids, kinds)

    async def assign_modules(self, command: AssignModules) -> None:
        kinds = ["meeting_held", "action_chosen"]
        await self._bench.evidence(command.rollout_id, command.unit_ids, kinds)


class Bench:
    """A database, a task queue for each design, and what was learnt on the way."""

    def __init__(self, uow: "UnitOfWorks", client: Client) -> None:
        self._uow, self.client = uow, client
        self.wave_queue, self.naive_queue = unique("bench-wave-"), unique("bench-naive-")
        self.engine = TemporalEngine(self._connected, self.wave_queue, SWEEP_SECONDS)
        self.units = [f"unit-{number:02}" for number in range(UNITS_PER_WAVE)]
        self.events_per_unit: dict[str, list[float]] = {WAVES: [], NAIVE: []}
        self.unfinished = 0

    async def _connected(self) -> Client:
        return self.client

    async def prepare(self) -> None:
        """Units with a manager, and a template whose steps have no least time."""
        document = json.loads(json.dumps(TEMPLATE))
        for step in ("preparation", "modules"):
            document["steps"][step]["min_duration"] = "PT0S"
        async with self._uow() as uow:
            await register_template(document, datetime.now(UTC), uow)
            facts = [UnitFacts(unit, f"Sample {unit}", "unit", None, 20) for unit in self.units]
            await uow.units.save([Unit(f, "manager-0001", 1) for f in facts])

    async def new_rollout(self) -> UUID:
        """A rollout whose only wave is about to begin."""
        rollout_id, now = uuid4(), datetime.now(UTC)
        state = rollout.create(rollout_id, "Bench", TEMPLATE["template_id"], 1)
        journeys = [Journey(rollout_id, unit, WAVE).started(now) for unit in self.units]
        created = Transition(1, str(uuid4()), "create", "bench", now, None, {})
        async with self._uow() as uow:
            await uow.rollouts.add(state, journeys, created)
        return rollout_id

    async def evidence(
        self, rollout_id: UUID, unit_ids: Sequence[str], kinds: Sequence[str]
    ) -> None:
        """What the consumer does with a batch of events: store it, then hint at the wave."""
        now = datetime.now(UTC)
        rows = [
            {
                "rollout_id": rollout_id,
                "unit_id": unit_id,
                "kind": kind,
                "reference": uuid4(),
                "at": now,
                "detail": {},
                "traceparent": None,
            }
            for unit_id in unit_ids
            for kind in kinds
        ]
        async with self._uow() as uow:
            await (await uow.connection()).execute(insert(_EVIDENCE), rows)
        await self.engine.nudge_wave(rollout_id, WAVE)

    async def waves(self, count: int) -> float:
        """Units per second through `count` waves at a time."""
        rollouts = [await self.new_rollout() for _ in range(count)]
        started = time.perf_counter()
        handles = await asyncio.gather(
            *(
                self.client.start_workflow(
                    WaveWorkflow.run,
                    WaveInput(rollout_id, WAVE, SWEEP_SECONDS),
                    id=f"wave:{rollout_id}:{WAVE}",
                    task_queue=self.wave_queue,
                )
                for rollout_id in rollouts
            )
        )
        await asyncio.gather(*(handle.result() for handle in handles))
        rate = count * UNITS_PER_WAVE / (time.perf_counter() - started)
        for handle in handles:
            length = (await handle.describe()).history_length
            self.events_per_unit[WAVES].append(length / UNITS_PER_WAVE)
        async with self._uow() as uow:
            left = text(
                "select count(*) from journeys where status <> 'completed' and rollout_id = any(:r)"
            )
            self.unfinished += await (await uow.connection()).scalar(left, {"r": rollouts}) or 0
        return rate

    async def naive(self, count: int) -> float:
        """Units per second through a wave of `count` child workflows."""
        ids = [unique("bench-unit-") for _ in range(count)]
        started = time.perf_counter()
        wave = await self.client.start_workflow(
            NaiveWave.run, ids, id=unique("bench-naive-"), task_queue=self.naive_queue
        )
        room = asyncio.Semaphore(10)
        await asyncio.gather(*(self._tell(unit_id, room) for unit_id in ids))
        children_events = await wave.result()
        rate = count / (time.perf_counter() - started)
        own = (await wave.describe()).history_length
        self.events_per_unit[NAIVE].append((children_events + own) / count)
        return rate

    async def _tell(self, unit_id: str, room: asyncio.Semaphore) -> None:
        """Bring a unit its evidence as soon as its workflow is there."""
        handle = self.client.get_workflow_handle(unit_id)
        async with room:
            while True:
                try:
                    await handle.execute_update(NaiveJourney.tell, "meeting_held")
                    return
                except RPCError as error:
                    if error.status != RPCStatusCode.NOT_FOUND:
                        raise
                    await asyncio.sleep(0.05)


class UnitOfWorks:
    """Makes units of work on one engine."""

    def __init__(self, engine) -> None:  # type: ignore[no-untyped-def]
        self._engine = engine

    def __call__(self) -> SqlWorkflowUnitOfWork:
        return SqlWorkflowUnitOfWork(self._engine)


@asynccontextmanager
async def bench(stack: Stack) -> AsyncIterator[Bench]:
    """Both workers, on a database of their own."""
    admin, name = stack.env["POSTGRES_ADMIN_DSN"], unique("bench_")
    database = await create_database(admin, name)
    engine = create_engine(database)
    try:
        await asyncio.to_thread(migrations.upgrade, MIGRATIONS, database)
        payload_key = base64.urlsafe_b64encode(os.urandom(32)).decode()
        client = await connect(stack.env["TEMPORAL_ADDRESS"], "default", payload_key, lazy=False)
        it = Bench(UnitOfWorks(engine), client)
        activities = Activities(UnitOfWorks(engine), ReadyPeers(it), it.engine)
        naive = Worker(
            client,
            task_queue=it.naive_queue,
            workflows=[NaiveWave, NaiveJourney],
            activities=[take_step],
        )
        async with create_worker(client, it.wave_queue, activities), naive:
            await it.prepare()
            yield it
    finally:
        await engine.dispose()
        await drop_database(admin, name)


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `waves` of the bench."""
    say("waves: a database and two Temporal workers")
    rounds, at_once, naive_units = (2, 4, 20) if quick else (4, 6, 50)
    async with bench(stack) as it:
        results = await interleave(
            {WAVES: lambda: it.waves(at_once), NAIVE: lambda: it.naive(naive_units)}, rounds, say
        )
    worst = {name: max(events) for name, events in it.events_per_unit.items()}
    return Section(
        "waves: units through Temporal",
        f"{rounds} rounds of {at_once} waves of {UNITS_PER_WAVE} units with the service's own "
        f"activities on PostgreSQL, and of {naive_units} children with 5 activities that do "
        "nothing and 1 update each; one worker process, Temporal's database on disk.",
        compare(results, "units/s", {NAIVE: 20}),
        [
            Counter("waves: history events per unit", worst[WAVES], 10),
            Counter("a child workflow per unit: history events per unit", worst[NAIVE]),
            Counter("waves: journeys that did not complete", it.unfinished, 0),
        ],
    )
