"""How long a release takes, by numbers of answers and units, and how much memory it needs.

Rounds, keys and sealed sheets are written into PostgreSQL directly. What is measured is what the
worker does with a complete release: a short-lived process that opens, counts, suppresses, checks
what was published before, audits bands and stores results and events.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import asyncpg
import psutil

from assessment_service.adapters.keyed_sheets import partition
from assessment_service.adapters.sheet_cipher import _info
from assessment_service.bootstrap import Assessment
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.round import Release
from assessment_service.entrypoints.http.instrument_schemas import InstrumentBody
from bench.answers import INSTRUMENT, MIGRATIONS, in_this_process
from bench.database import migrated_database
from bench.figures import Counter, Measure, Say, Section
from bench.sealing import Sealing
from devstack import Stack

SIZES = ((1_000, 50), (8_000, 400), (100_000, 2_000), (1_200_000, 20_000))
"""Answers and units of a release, smallest first."""
_MOST_HIDDEN_PERCENT = 1  # of the units: now and then, twenty random people agree
_POLL_SECONDS = 0.05
_PEOPLE_PER_DEPARTMENT, _DEPARTMENTS_PER_AREA = 20, 20
_DIFFERENT_SHEETS = 5_000


@dataclass(frozen=True)
class Cost:
    """Of one release: seconds, processor seconds, bytes at most, and how many cells it hides."""

    seconds: float
    processor: float
    memory: int
    hidden: int


class Releases:
    """Releases of growing size in one database."""

    def __init__(self, app: Assessment, database: asyncpg.Connection) -> None:
        self._app, self._database = app, database
        self._instrument: Instrument = InstrumentBody.model_validate(INSTRUMENT).to_domain()

    async def prepare(self) -> None:
        async with self._app.uow() as uow:
            await uow.instruments.add(self._instrument)
        await self._app.keys.initialise()

    async def cost(self, answers: int, units: int) -> Cost:
        """Write a complete release, and release it."""
        release = Release(uuid4(), uuid4(), "baseline", *self._version)
        key = await self._app.vault.create(release.release_id)
        async with self._app.uow() as uow:
            await uow.releases.start(release)
            await uow.releases.save_key(release.release_id, key)
            await uow.keyed_sheets.prepare(release.release_id)
        rounds = await self._rounds(release, answers, units)
        await self._database.copy_records_to_table(
            partition(release.release_id),
            records=self._sheets(release.release_id, rounds, answers, Sealing(key.public_key)),
            columns=("release_id", "participation_key", "round_id", "sealed"),
        )
        await self._database.execute("analyze")
        seconds, processor, memory = await _measured(self._app, release.release_id)
        hidden = await self._database.fetchval(
            "select count(*) from released_cells where release_id = $1 and not shown",
            release.release_id,
        )
        return Cost(seconds, processor, memory, hidden)

    @property
    def _version(self) -> tuple[str, int]:
        return self._instrument.instrument_id, self._instrument.version

    async def _rounds(self, release: Release, answers: int, units: int) -> list[UUID]:
        now = datetime.now(UTC)
        opened, headcount = now - timedelta(days=7), round(1.25 * answers / units)
        rows = []
        for number in range(units):
            department = number // _PEOPLE_PER_DEPARTMENT
            area = department // _DEPARTMENTS_PER_AREA
            names = ("region", f"area-{area}", f"department-{department}", f"unit-{number}")
            path = [f"{name}-of-{units}" for name in names]  # each release asks others
            unit = (path[-1], path[-1], path, headcount)
            rows.append((uuid4(), release.release_id, *unit, "closed", opened, now, now))
        columns = ("round_id", "release_id", "unit_id", "unit_name", "unit_path", "headcount")
        await self._database.copy_records_to_table(
            "rounds",
            records=rows,
            columns=(*columns, "status", "opens_at", "closes_at", "closed_at"),
        )
        return [row[0] for row in rows]

    def _sheets(
        self, release_id: UUID, rounds: list[UUID], answers: int, sealing: Sealing
    ) -> Iterator[tuple[UUID, bytes, UUID, bytes]]:
        """In the order in which people answer: none."""
        random = Random(answers)
        items, steps = len(self._instrument.items), self._instrument.scale.steps
        filled = [
            bytes(random.choices(range(2, steps + 3), k=items)) for _ in range(_DIFFERENT_SHEETS)
        ]
        for number in range(answers):
            round_id, key = rounds[number % len(rounds)], random.randbytes(32)
            sheet = filled[random.randrange(_DIFFERENT_SHEETS)]
            yield release_id, key, round_id, sealing.seal(sheet, _info(round_id.bytes, key))


async def _measured(app: Assessment, release_id: UUID) -> tuple[float, float, int]:
    """Seconds, processor seconds and bytes of the release's own processes."""
    ourselves = psutil.Process()
    before = {one.pid for one in ourselves.children(recursive=True)}
    used: dict[int, float] = {}
    most = 0
    started = time.perf_counter()
    releasing = asyncio.create_task(app.vault.release(release_id))
    while not releasing.done():
        await asyncio.wait({releasing}, timeout=_POLL_SECONDS)
        memory = 0
        for one in ourselves.children(recursive=True):
            if one.pid in before:
                continue
            try:
                memory += one.memory_info().rss
                used[one.pid] = sum(one.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue
        most = max(most, memory)
    assert await releasing == []
    return time.perf_counter() - started, sum(used.values()), most


@asynccontextmanager
async def releases(stack: Stack) -> AsyncIterator[Releases]:
    """On a database of its own."""
    with tempfile.TemporaryDirectory() as keys:
        async with migrated_database(stack, MIGRATIONS) as database:
            app = Assessment(in_this_process(stack, database, Path(keys)))
            assert database.migration_dsn
            owner = await asyncpg.connect(database.migration_dsn.get_secret_value())
            try:
                it = Releases(app, owner)
                await it.prepare()
                yield it
            finally:
                await owner.close()
                await app.close()


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `releases` of the bench."""
    measures, counters = list[Measure](), list[Counter]()
    async with releases(stack) as it:
        for answers, units in SIZES[:2] if quick else SIZES:
            say(f"releases: {answers} answers in {units} units")
            cost = await it.cost(answers, units)
            name = f"{answers} in {units} units"
            measures += [
                Measure(name, "s", [cost.seconds]),
                Measure(name, "CPU s", [cost.processor]),
                Measure(name, "CPU us/answer", [1e6 * cost.processor / answers]),
                Measure(name, "MiB", [cost.memory / 2**20]),
            ]
            hidden = f"releases: cells not shown, {name}"
            counters.append(Counter(hidden, cost.hidden, _MOST_HIDDEN_PERCENT * units // 100))
    return Section(
        "releases: from complete rounds to results",
        "A short-lived process opens, counts, suppresses, checks earlier releases, audits bands and"
        " stores; its helpers' processor time and memory are included. Wanted: 8000 answers in 2 s,"
        " 1200000 in 60 s and 1024 MiB.",
        sorted(measures, key=lambda measure: measure.unit),
        counters,
    )
