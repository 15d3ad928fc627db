"""A stack of its own under a steady load for hours: does it stay as it is?

After a sixth of the time comes a burst of ten times for a minute, then one person who asks again
and again for a minute: does it drain, does a patient person wait? From a third on neither memory
nor open files may grow, and rows that are old enough have to go. Memory and rows are judged in runs
of 90 minutes or more: a shorter one says more about the machine than about a leak, and a database
is tidied every hour.
"""

import argparse
import asyncio
import math
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from statistics import quantiles
from time import monotonic

import devstack
from chaos.trickle import Trickle
from demo.api import Api, DemoError
from demo.ledger import Ledger
from demo.organisation import DATA, as_csv, read_units
from demo.story import FIRST, SECOND
from devstack import Stack, StackOptions
from devstack.options import SERVICES
from soak.samples import Change, Samples
from soak.tables import make_old, old_rows, rows

PER_SECOND = 4.0
UNITS = 300
BURST, BURST_SECONDS = 10, 60
WARM_SECONDS = 15
"""At the beginning: until all connections that are kept have been opened."""
DRAINED_WITHIN = 60
LOOK_SECONDS = 10
FLOOD_SECONDS, FLOOD_AT_ONCE = 60, 20
WAITS_AT_MOST = 2.0
"""Seconds in which 99 of 100 requests of others are answered meanwhile."""
LEAST_MINUTES, JUDGED_FROM_MINUTES = 10, 90
LIMITS = {"PER_PERSON": "1200", "AT_ONCE": "5"}
"""As they are by default: a sample stack has none."""


class Steady(Trickle):
    """Changes the same units again and again: an import reads all that there are."""

    async def _units(self, number: int) -> None:
        await super()._units(number % UNITS + 1)


class Patient:
    """A person who asks for the units every half second, and how long they waited (s)."""

    def __init__(self, api: Api) -> None:
        self._api, self.waits, self.failures = api, list[float](), 0

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            began = monotonic()
            try:
                await self._api.get(SECOND, "workflow", "/units", limit=1)
                self.waits.append(monotonic() - began)
            except DemoError:
                self.failures += 1
            await asyncio.sleep(0.5)

    def p99(self, since: int) -> float:
        """Of the waits from this one on (s); without end if there are none."""
        waits = self.waits[since:]
        return quantiles(waits, n=100)[98] if len(waits) > 1 else math.inf


class Noisy:
    """A person who asks for the units again and again, many requests at once."""

    def __init__(self, env: Mapping[str, str], log: Ledger) -> None:
        self._api = Api(env, log, connections=FLOOD_AT_ONCE, tries=1)
        self.answered, self.refused, self.failed = 0, 0, 0

    async def run(self, seconds: float) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(FLOOD_AT_ONCE):
                group.create_task(self._ask(monotonic() + seconds))
        await self._api.close()

    async def _ask(self, until: float) -> None:
        while monotonic() < until:
            try:
                await self._api.get("manager", "workflow", "/units", limit=1)
                self.answered += 1
            except DemoError as error:
                self.refused += "status 429" in str(error)
                self.failed += "status 429" not in str(error)


class Soak:
    """One run."""

    def __init__(self, stack: Stack, api: Api, minutes: float) -> None:
        self._stack, self._api, self._seconds = stack, api, minutes * 60
        self._began, self._samples = monotonic(), Samples()
        self._patient, self._stop = Patient(api), asyncio.Event()
        self._calm_from = 0.0

    async def run(self) -> list[str]:
        """What is wrong."""
        await self._api.sign_in([FIRST, SECOND])
        units = as_csv(read_units(DATA / "units.csv"))
        await self._api.post(FIRST, "workflow", "/units/import", units, kind="import")
        before = await rows(self._stack.env)
        await self._more("warm", WARM_SECONDS)
        steady = Steady(self._api, PER_SECOND)
        async with asyncio.TaskGroup() as group:
            for each in (steady.run(self._stop), self._patient.run(self._stop), self._look()):
                group.create_task(each)
            await asyncio.sleep(self._seconds / 6)
            faults = await self._burst() + await self._flood()
            await make_old(self._stack.env)
            await asyncio.sleep(max(self._seconds - self._now, 1))
            self._stop.set()
        after = await rows(self._stack.env)
        for table, count in after.items():
            print(f"rows of {table:<20} {before[table]:>8} > {count:>8}")
        kept = await old_rows(self._stack.env)
        print(f"rows that are older than they may be: {kept}")
        if kept and self._is_long:
            faults.append(f"{kept} rows are older than they may be")
        return faults + self._judge()

    async def _look(self) -> None:
        while not self._stop.is_set():
            self._samples.take(self._stack, self._now)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), LOOK_SECONDS)

    async def _burst(self) -> list[str]:
        """Ten times as much for a minute."""
        calm, since = self._patient.p99(0), len(self._patient.waits)
        asked = await self._more("burst", BURST_SECONDS)
        busy = self._patient.p99(since)
        print(f"burst: {asked} requests in {BURST_SECONDS} s")
        print(f"a patient person's p99: {calm:.2f} s before, {busy:.2f} s in the burst")
        drained = await self._drained()
        print(f"drained after {drained:.0f} s")
        return [] if drained < DRAINED_WITHIN else ["the burst does not drain"]

    async def _flood(self) -> list[str]:
        """One person asks again and again: they are refused, nobody else waits long."""
        noisy, since = Noisy(self._stack.env, self._api.ledger), len(self._patient.waits)
        await noisy.run(FLOOD_SECONDS)
        self._calm_from = self._now
        waited = self._patient.p99(since)
        print(
            f"one noisy person: {noisy.answered} requests answered, {noisy.refused} refused,"
            f" {noisy.failed} failed; a patient person's p99: {waited:.2f} s"
        )
        as_it_should = noisy.answered and noisy.refused and not noisy.failed
        faults = [] if as_it_should else ["a noisy person is not answered and refused in turn"]
        return faults + (["a patient person waits"] if waited > WAITS_AT_MOST else [])

    async def _more(self, name: str, seconds: float) -> int:
        """Ten times as much; returns the number of requests."""
        stop = asyncio.Event()
        loads = [Trickle(self._api, PER_SECOND, f"{name}-{number}") for number in range(BURST)]
        running = [asyncio.create_task(load.run(stop)) for load in loads]
        await asyncio.sleep(seconds)
        stop.set()
        await asyncio.gather(*running)
        return sum(load.asked for load in loads)

    async def _drained(self) -> float:
        """Seconds until the outboxes are as good as empty: the steady load goes on."""
        began = monotonic()
        while monotonic() - began < DRAINED_WITHIN:
            if (await rows(self._stack.env))["outbox_pending"] < PER_SECOND:
                break
            await asyncio.sleep(0.5)
        return monotonic() - began

    def _judge(self) -> list[str]:
        changes = self._samples.changes(after=max(self._seconds / 3, self._calm_from))
        print(f"{'process':<24} {'MB':>6} {'%/h':>7} {'files':>6} {'more':>5}")
        for name, one in sorted(changes.items()):
            print(
                f"{name:<24} {one.megabytes:>6.0f} {one.percent_per_hour:>7.1f} {one.files:>6}"
                f" {one.more_files:>5}"
            )
        faults = [f"the patient person failed {self._patient.failures} times"]
        return (faults if self._patient.failures else []) + self._of_processes(changes)

    def _of_processes(self, changes: Mapping[str, Change]) -> list[str]:
        return [
            f"{name}: {fault}"
            for name, one in changes.items()
            for fault in one.faults(self._is_long)
        ]

    @property
    def _is_long(self) -> bool:
        return self._seconds >= JUDGED_FROM_MINUTES * 60

    @property
    def _now(self) -> float:
        return monotonic() - self._began


async def main(minutes: float) -> int:
    limits = {
        f"{service.upper()}_HTTP__LIMITS__{name}": value
        for service in SERVICES
        for name, value in LIMITS.items()
    }
    with tempfile.TemporaryDirectory(prefix="um-soak-") as folder:
        options = StackOptions(directory=Path(folder) / "stack", service_environment=limits)
        async with devstack.running(options) as stack:
            log = Ledger(Path(folder) / "ledger.jsonl")
            api = Api(stack.env, log, connections=40)
            try:
                faults = await Soak(stack, api, minutes).run()
            finally:
                await api.close()
                log.close()
    print("\n".join(faults) or "nothing is wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120, help="10 or more; 120 by default")
    minutes = parser.parse_args().minutes
    if minutes < LEAST_MINUTES:
        parser.error(f"--minutes: {LEAST_MINUTES} or more, to see anything after the burst")
    sys.exit(asyncio.run(main(minutes)))
