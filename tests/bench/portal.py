"""The portal in a rollout of 2,000 units: how soon its largest page comes and what that costs, 500
open pages that follow events, how much is sent, and what a browser has to do for live changes.
"""

from collections.abc import Awaitable, Callable
from statistics import median, quantiles
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer

from bench.figures import Counter, Measure, Say, Section, compare, interleave
from bench.load import first_bytes, request
from bench.pictures import CHANGES, ELEMENTS, live_changes
from bench.portal_process import UNITS, Site, site
from bench.server_process import Server
from bench.streams import opened
from bench.weight import weigh
from contracts.workflow import RolloutResumed
from devstack import Stack

STREAMS = 500
BOARD, BARE = f"board of {UNITS:,} units", "bare endpoint, select 1"
FOLLOWING, BARE_STREAM = "event to open pages", "bare streams"
_BARE_TIMES = 50  # Processor time is counted in hundredths of a second.


class Bench:
    """Both sides, and the processor time that they used."""

    def __init__(self, it: Site) -> None:
        self._site = it
        self.cpu: dict[str, list[float]] = {}

    async def board(self, count: int) -> float:
        """Median of milliseconds to the first byte of the board."""
        servers = {f"{BOARD}, portal": self._site.portal, "the same, workflow": self._site.workflow}
        return await self._first_byte(servers, [self._site.request(self._site.board)] * count)

    async def bare(self, count: int) -> float:
        """The same of an endpoint with one round trip to PostgreSQL."""
        requests = [request("PUT", f"/select/{uuid4()}", b'{"answers": {}}', "")]
        return await self._first_byte({BARE: self._site.bare}, requests * count * _BARE_TIMES)

    async def _first_byte(self, servers: dict[str, Server], requests: list[bytes]) -> float:
        before = {name: server.cpu_seconds() for name, server in servers.items()}
        port = next(iter(servers.values())).port
        seconds = await first_bytes(port, requests)
        for name, server in servers.items():
            used = server.cpu_seconds() - before[name]
            self.cpu.setdefault(name, []).append(1e6 * used / len(requests))
        return 1_000 * median(seconds)


class Following:
    """Open streams and the events that they get."""

    def __init__(self, events: int) -> None:
        self._events = events
        self.p50: dict[str, list[float]] = {}
        self.p99: dict[str, list[float]] = {}
        self.cpu: dict[str, list[float]] = {}
        self.memory: dict[str, list[float]] = {}

    async def portal(self, it: Site) -> None:
        """Events through Kafka, as the relay publishes them."""
        producer = AIOKafkaProducer(bootstrap_servers=it.kafka.bootstrap_servers, acks="all")
        await producer.start()
        event = RolloutResumed(rollout_id=it.rollout.rollout_id)
        data = event.model_dump_json().encode()
        asked = it.request(f"/live?rollout={it.rollout.rollout_id}")
        try:
            await self._measure(
                FOLLOWING, it.portal, asked, lambda: producer.send_and_wait(event.TOPIC, data)
            )
        finally:
            await producer.stop()

    async def bare(self, it: Site) -> None:
        """A bell over HTTP."""
        url = f"http://127.0.0.1:{it.bare.port}/ring"
        async with httpx.AsyncClient(trust_env=False) as client:
            asked = request("GET", "/stream", b"", "")
            await self._measure(BARE_STREAM, it.bare, asked, lambda: client.post(url))

    async def _measure(
        self, name: str, server: Server, asked: bytes, publish: Callable[[], Awaitable[object]]
    ) -> None:
        empty = server.process.memory_info().rss
        async with opened(server.port, asked, STREAMS) as streams:
            grown = server.process.memory_info().rss - empty
            self.memory[name] = [grown / 1024 / STREAMS]
            used = -server.cpu_seconds()
            for _ in range(self._events):
                cuts = quantiles(await streams.times(publish), n=100)
                self.p50.setdefault(name, []).append(1_000 * cuts[49])
                self.p99.setdefault(name, []).append(1_000 * cuts[98])
            used += server.cpu_seconds()
            self.cpu[name] = [1_000 * used / self._events]


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `portal` of the bench."""
    say(f"portal: databases, processes, a rollout of {UNITS:,} units")
    rounds, count, events = (2, 10, 3) if quick else (4, 20, 5)
    async with site(stack) as it:
        say("portal: bytes of pages")
        weights = await weigh(it)
        bench, following = Bench(it), Following(events)
        say(f"portal: {STREAMS} open streams")
        await following.portal(it)
        await following.bare(it)
        first = await interleave(
            {BOARD: lambda: bench.board(count), BARE: lambda: bench.bare(count)}, rounds, say
        )
        say("portal: live changes in a browser")
        shown = await live_changes(it)
    cpu = {name: runs[-rounds:] for name, runs in bench.cpu.items()}
    return Section(
        f"portal: a rollout of {UNITS:,} units",
        f"{rounds} rounds of {count} boards on one connection; {events} events to {STREAMS} open "
        f"streams; {CHANGES} live changes to a board in Chromium. Browser, streams and load "
        "generator on the same machine.",
        [
            *compare(first, "first ms", {}),
            *compare(cpu, "CPU us/req", {}),
            *compare(following.p50, "p50 ms", {}),
            *compare(following.p99, "p99 ms", {}),
            *compare(following.cpu, "CPU ms", {}),
            *compare(following.memory, "KiB each", {}),
            Measure("live change to picture", "ms", [1_000 * one for one in shown.seconds]),
            *compare(
                {
                    f"styles for {CHANGES} changes": [1_000 * shown.style_seconds],
                    f"all sections {CHANGES} times": [1_000 * shown.bare_seconds],
                },
                "ms in all",
                {},
            ),
        ],
        [*weights, Counter(f"elements new after {CHANGES} changes", shown.elements, ELEMENTS)],
    )
