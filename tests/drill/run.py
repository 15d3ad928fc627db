"""One drill on a stack of its own: backup, load, destruction, restore, and what is then seen."""

import asyncio
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Literal
from urllib.parse import urlsplit

import asyncpg
import httpx

import devstack
from devstack import Stack, StackError, StackOptions
from devstack.backup.archive import Archive
from devstack.backup.restore import restore
from devstack.backup.rows import Checksums, checksums, differing, mentioning
from devstack.options import SERVICES, Layout
from devstack.service_env import PROCESSES
from devstack.shell import operator_env
from drill.filling import fill, megabytes
from drill.load import Load, mails_twice
from support.commands import run_command
from support.eventually import eventually

REGION = "drill"
RPO_SECONDS, RTO_SECONDS = 60, 900
_RPO = "RPO, seconds that are not in the archive"
_RTO = "RTO, seconds from the destruction until all is ready"
_METRICS = (("rpo_seconds", _RPO), ("rto_seconds", _RTO))
_LOST = ("postgres", "temporal")
_BEHIND = "content-worker"
"""It has not read the events of what is undone, when all is destroyed."""
_REGISTERING = ("people-api", "workflow-api", "workflow-worker")
"""What registers a unit and publishes it."""
_REPLAYING = ("assessment", "content", "notification", "workflow")
Defect = Literal["", "table", "wal", "offsets", "quarantine"]
"""What is planted to see it found: a table is left out of the ledger, the log is not archived, the
offsets are not set, or nothing is held."""


@dataclass
class Account:
    """What the report says: seconds by step, figures, and what is not as it has to be."""

    steps: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measures, and prints a line of at most 80 columns."""
        began = monotonic()
        yield
        self.steps[name] = round(monotonic() - began, 1)
        print(f"  {name:<62} {self.steps[name]:7.1f} s", flush=True)

    def found(self, what: str, value: Any, fault: str = "") -> None:
        self.figures[what] = value
        print(f"  {what:<62} {value!s:>9}", flush=True)
        if fault:
            self.faults.append(fault)
            print(f"    NOT AS IT HAS TO BE: {fault}"[:80], flush=True)


@dataclass(frozen=True)
class Plan:
    """Units to import, generated rows besides, and a defect to see found.

    A short drill undoes the registration of a unit, not a pilot; it stops the services before all
    is destroyed, so that Kafka need not forget them first, and begins nothing new at its end.
    """

    units: int
    fill_gigabytes: float = 0
    short: bool = False
    defect: Defect = ""


async def drill(directory: Path, plan: Plan) -> dict[str, Any]:
    """Do it all; returns the report's content. The stack is gone afterwards."""
    await devstack.stop_stack(directory / "stack")
    shutil.rmtree(directory / "stack", ignore_errors=True)
    shutil.rmtree(directory / "backup", ignore_errors=True)
    options = StackOptions(directory / "stack")
    account = Account()
    with account.step("start a stack"):
        running = devstack.running(options)
        stack = await running.__aenter__()
    try:
        await _Drill(stack, Archive(directory / "backup"), account, plan).run()
    except (StackError, AssertionError, httpx.HTTPError) as error:
        account.faults.append(str(error))
        print(f"    NOT AS IT HAS TO BE: {error}", flush=True)
    finally:
        await running.__aexit__(None, None, None)
    return {
        "passed": not account.faults,
        "faults": account.faults,
        "region": REGION,
        "seconds": account.steps,
        "figures": account.figures,
        **{name: account.figures[text] for name, text in _METRICS if text in account.figures},
    }


@dataclass
class _Drill:
    stack: Stack
    archive: Archive
    account: Account
    plan: Plan

    async def run(self) -> None:
        """Raises StackError or AssertionError where a step is impossible."""
        load, account, plan = Load(self.stack), self.account, self.plan
        if plan.fill_gigabytes:
            with account.step(f"generated rows of {plan.fill_gigabytes} GB"):
                await fill(self._connect, SERVICES, plan.fill_gigabytes)
        async with self._archived():
            with account.step("base copy, checked against its manifest later"):
                await self.archive.copy(self.stack.env["POSTGRES_ADMIN_DSN"], REGION)
            with account.step(f"{plan.units} units, and rounds that open"):
                await load.begin("before", plan.units)
                await load.mailed("before")
            with account.step("rounds that people are not told of before the moment"):
                await self._kill(["notification-worker"])
                await load.begin("between")
            with account.step("nothing runs: checksums of every row"):
                ledger, moment = await self._at_rest()
            account.found("size of all databases, MB", await megabytes(self._connect))
            with account.step("work that will be undone"):
                if plan.short:
                    await self._start(_REGISTERING)
                    await load.register("after")
                    await eventually(self._published, within=30)
                else:
                    await self._start([name for name in PROCESSES if name != _BEHIND])
                    await load.mailed("between")
                    await load.begin("after")
                    await load.mailed("after")
            destroyed = await self._destroy()
        mails = await load.mails()
        await self._restore(ledger, moment, destroyed)
        with account.step("start everything, publish again, rebuild workflows"):
            await self._start(PROCESSES)
            since, env = moment.date().isoformat(), operator_env(self.stack)
            replays = [[f"{one}_service", "replay", "--since", since] for one in _REPLAYING]
            await asyncio.gather(*(run_command(command, env) for command in replays))
            rebuilt = await run_command(["workflow_service", "rebuild"], operator_env(self.stack))
        rto = monotonic() - destroyed
        late = "" if rto <= RTO_SECONDS else f"it took longer than {RTO_SECONDS} s"
        account.found(_RTO, round(rto, 1), late)
        account.found("workflows", rebuilt.partition(" have")[0])
        await self._look(load, mails)

    @asynccontextmanager
    async def _archived(self) -> AsyncIterator[None]:
        """The log and the offsets are archived meanwhile, as a region's are."""
        dsn, kafka = self.stack.env["POSTGRES_ADMIN_DSN"], self.stack.env["KAFKA_BOOTSTRAP_SERVERS"]
        command, env = self.archive.receiver(dsn)
        saving = ("servicekit.offsets", "--bootstrap-servers", kafka, "save")
        offsets = [sys.executable, "-m", *saving, str(self.archive.offsets), "--every", "1"]
        log = (self.archive.folder / "log").open("wb")
        started = [
            await asyncio.create_subprocess_exec(*one, stdout=log, stderr=log, env=env)
            for one in (command, offsets)
            if not (one is command and self.plan.defect == "wal")
        ]
        try:
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                await process.wait()
            log.close()

    async def _connect(self, database: str) -> asyncpg.Connection:
        dsn = urlsplit(self.stack.env["POSTGRES_ADMIN_DSN"])
        return await asyncpg.connect(dsn._replace(path=f"/{database}").geturl())

    async def _at_rest(self) -> tuple[Checksums, datetime]:
        """Every row, and the database's time, while no process of the services runs."""
        await self._kill(PROCESSES)
        ledger = await checksums(self._connect)
        connection = await self._connect("postgres")
        try:
            return ledger, await connection.fetchval("select clock_timestamp()")
        finally:
            await connection.close()

    async def _published(self) -> bool:
        connection = await self._connect("workflow")
        try:
            return not await connection.fetchval("select count(*) from outbox_pending")
        finally:
            await connection.close()

    async def _kill(self, names: Sequence[str]) -> None:
        """As in a disaster: nothing is finished. They stay away until they are started."""
        hold = Layout(self.stack.directory).hold
        for name in names:
            (hold / name).touch()
            if name in self.stack.processes:
                self.stack.kill(name, signal.SIGKILL)
        async with asyncio.timeout(60):
            while any(self.stack.state.processes[n].state != "stopped" for n in names):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def _start(self, names: Sequence[str]) -> None:
        await asyncio.gather(*(self.stack.start(name) for name in names))

    async def _destroy(self) -> float:
        """Kill what is lost, delete its data, and stop what needs it; when (monotonic)."""
        with self.account.step("kill all but Kafka; delete what PostgreSQL and Temporal had"):
            destroyed, now = monotonic(), datetime.now(UTC)
            if self.plan.short:
                await asyncio.gather(*(self.stack.stop(name) for name in _REGISTERING))
            await self._kill([*_LOST, *PROCESSES])
            lost = max((now - self.archive.last_commit()).total_seconds(), 0.0)
            for name in _LOST:
                shutil.rmtree(self.stack.directory / "data" / name)
        late = "" if lost <= RPO_SECONDS else f"more than {RPO_SECONDS} s are lost"
        self.account.found(_RPO, round(lost, 2), late)
        return destroyed

    async def _restore(self, ledger: Checksums, moment: datetime, destroyed: float) -> None:
        account, kafka = self.account, self.stack.env["KAFKA_BOOTSTRAP_SERVERS"]
        with account.step("restore to the moment, and check every page"):
            pgdata = self.stack.directory / "data" / "postgres" / "cluster"
            done = await restore(self.archive, pgdata, REGION, moment)
        expected = {
            k: v for k, v in ledger.items() if self.plan.defect != "table" or "rounds" not in k
        }
        other = differing(expected, done.rows)
        fault = f"rows differ in {', '.join(other[:3])}" if other else ""
        account.found("tables whose rows are as they were", len(ledger) - len(other), fault)
        if self.plan.defect != "offsets":
            with account.step("set the offsets of the consumer groups"):
                command = ["servicekit.offsets", "--bootstrap-servers", kafka, "skip"]
                # Kafka forgets a worker that was killed after half a minute.
                await eventually(lambda: run_command(command), within=60, pause=2)
        with account.step("start PostgreSQL and an empty Temporal"):
            await self._start(_LOST)
        if self.plan.defect == "quarantine":
            connection = await self._connect("notification")
            await connection.execute("delete from quarantine")
            await connection.close()

    async def _look(self, load: Load, mails: int) -> None:
        """Nobody is mailed before the quarantine is lifted; then nobody twice, and all else."""
        account = self.account
        with account.step("the mails of the moment wait in the quarantine"):
            held = await load.waiting("between")
        new = await load.mails() - mails
        account.found("mails while in quarantine", new, "mails were sent" if new else "")
        account.found("messages held", held, "" if held else "none is held: an event was lost")
        with account.step("lift the quarantine, and go on working"):
            await load.lift()
            await load.mailed("between")  # Nothing of it is pending any more.
            if not self.plan.short:
                await load.begin("later")
                await load.mailed("later")
        ghosts = [
            f"{service} {table}"
            for service in SERVICES
            for table in await mentioning(self._connect, service, load.unit("after"))
        ]
        fault = f"what was undone is known in {', '.join(ghosts)}" if ghosts else ""
        account.found("tables that know of what was undone", len(ghosts), fault)
        twice = mails_twice(await load.texts())
        account.found("mails that somebody got twice", twice, "somebody did" if twice else "")
