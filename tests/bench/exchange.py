"""How many tokens per second one api process of the people service exchanges, and what checking
one costs a request.

Everybody exchanges a token of the development issuer: once for the first time, when it is found
out who they are, and then again and again, as every ten minutes of a working day.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlencode
from uuid import uuid4

from bench.figures import Counter, Measure, Say, Section, compare, interleave
from bench.load import drive, request
from bench.people_process import People, people
from bench.server_process import Server, free_port, process
from devstack import Stack
from devstack.tokens import EXCHANGE_GRANT
from servicekit.auth import Authenticator
from servicekit.settings import Auth

CONNECTIONS = 16
FIRST, AGAIN = "POST /token, the first time", "POST /token, again"
BARE = "bare endpoint, select 1"
CHECK = "check of a token, in process"
DEADLINE_FOR_5000_SECONDS = 600


class Bench:
    """The people service and a bare endpoint, and the tokens of everyone who signs in."""

    def __init__(self, people: People, bare: Server, tokens: Sequence[str]) -> None:
        """`tokens` are the provider's."""
        self._people, self._bare, self._tokens = people, bare, tokens
        self.cpu: dict[str, list[float]] = {}

    async def first(self, count: int) -> float:
        """Exchanges per second of people whom nobody has seen before."""
        await self._people.database.execute("truncate identities")
        return await self._exchange(FIRST, count)

    async def again(self, count: int) -> float:
        """Exchanges per second of people who were seen before."""
        return await self._exchange(AGAIN, count)

    async def _exchange(self, name: str, count: int) -> float:
        requests = [form(token) for token in self._tokens[:count]]
        return await self._drive(name, self._people.server, requests)

    async def bare(self, count: int) -> float:
        """Requests per second of an endpoint with one round trip to PostgreSQL."""
        body = json.dumps({"answers": {}}).encode()
        requests = [
            request("PUT", f"/select/{uuid4()}", body, token) for token in self._tokens[:count]
        ]
        return await self._drive(BARE, self._bare, requests)

    async def check(self, count: int) -> float:
        """Checks of a platform's token per second, as each request has one."""
        (token,) = await self._people.tokens(self._tokens[:1])
        authenticator = Authenticator(Auth(issuer=self._people.url))
        await authenticator.authenticate(token)
        started = time.process_time()
        for _ in range(count):
            await authenticator.authenticate(token)
        used = time.process_time() - started
        await authenticator.close()
        self.cpu.setdefault(CHECK, []).append(1e6 * used / count)
        return count / used

    async def _drive(self, name: str, server: Server, requests: Sequence[bytes]) -> float:
        before = server.cpu_seconds()
        rate = await drive(server.port, requests, CONNECTIONS)
        used = server.cpu_seconds() - before
        self.cpu.setdefault(name, []).append(1e6 * used / len(requests))
        return rate


def form(token: str) -> bytes:
    """A request to exchange a token."""
    body = urlencode({"grant_type": EXCHANGE_GRANT, "subject_token": token}).encode()
    return (
        b"POST /token HTTP/1.1\r\nhost: bench\r\n"
        b"content-type: application/x-www-form-urlencoded\r\n"
        b"content-length: %d\r\n\r\n%b" % (len(body), body)
    )


@asynccontextmanager
async def bench(stack: Stack) -> AsyncIterator[Bench]:
    """The people service, and the bare endpoint on its database."""
    bare_port, log = free_port(), stack.directory / "log" / "bench-bare-people.log"
    async with people(stack) as service:
        dsn = service.dsn
        env = {"BENCH_DSN": dsn, "BENCH_PORT": str(bare_port)}
        async with process(log, bare_port, "bench.bare_api", env=env) as bare:
            yield Bench(service, bare, await asyncio.to_thread(service.provider_tokens))


async def measure(stack: Stack, quick: bool, say: Say) -> Section:
    """The part `exchange` of the bench."""
    say("exchange: a database, an api process and a bare one")
    rounds, count = (2, 600) if quick else (4, 2_000)
    async with bench(stack) as it:
        results = await interleave(
            {
                AGAIN: lambda: it.again(count),
                FIRST: lambda: it.first(count),
                BARE: lambda: it.bare(count),
                CHECK: lambda: it.check(count),
            },
            rounds,
            say,
        )
    cpu = {name: runs[-rounds:] for name, runs in it.cpu.items()}
    check = [100 * own / bare for own, bare in zip(cpu.pop(CHECK), cpu[BARE], strict=True)]
    rates = {name: runs for name, runs in results.items() if name != CHECK}
    return Section(
        "exchange: tokens of a provider for those of the platform",
        f"{rounds} rounds of {count} exchanges by as many people, {CONNECTIONS} connections, one "
        "server process; load generator on the same machine. An answer that is not 200 ends it.",
        [
            *compare(rates, "req/s", {}),
            *compare(cpu, "CPU us/req", {}),
            Measure(CHECK, "% of the bare request's CPU", check),
        ],
        [
            Counter(
                "exchange: seconds for 5,000 first exchanges",
                5_000 / min(results[FIRST]),
                DEADLINE_FOR_5000_SECONDS,
            )
        ],
    )
