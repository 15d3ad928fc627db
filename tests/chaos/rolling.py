"""A rolling restart of all processes under load: each has a second replica, and both are ended."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import devstack
from chaos import groups, slow_request
from chaos.kills import SERVICES
from chaos.one_retry import OneRetry
from chaos.replicas import Replica, Replicas, balanced, balancer_ports, balancing, to_balancers
from chaos.run import SEEDED, Plan, Verdict, outside_of, under_load, when_quiet
from demo import scale
from demo.observer import Observer
from devstack import Stack, StackOptions
from support.eventually import eventually

_UNDER_WAY_SECONDS = 0.5


@dataclass(frozen=True)
class End:
    """What the end of one replica was like.

    `left`: consumer groups in which Kafka still counts it. `answered`: the status of a request that
    was under way, None if there was none. `again`: records that the other replica of a worker got
    although they had taken effect.
    """

    process: str
    seconds: float
    left: tuple[str, ...]
    answered: int | None
    again: int

    def __str__(self) -> str:
        return (
            f"  {self.process:<20} gone after {self.seconds:4.1f} s, request under way: "
            f"{self.answered}, sent again: {self.again}, still in: {', '.join(self.left) or '-'}"
        )


@dataclass(frozen=True)
class Rolled:
    """What was seen. `failed`: requests without an answer after one retry."""

    verdict: Verdict
    ends: list[End]
    asked: int
    failed: list[str]

    def report(self) -> str:
        """For people."""
        lines = [f"{self.asked} requests, {len(self.failed)} failed", *self.failed[:5]]
        return "\n".join([*lines, *map(str, self.ends), self.verdict.report()])


class Roller:
    """Restarts one process after another."""

    def __init__(self, stack: Stack, replicas: Replicas) -> None:
        self._stack, self._replicas = stack, replicas
        self.ends: list[End] = []

    async def restart_all(self, processes: tuple[str, ...]) -> None:
        for name in processes:
            second = await self._replicas.start(name)
            await self._both_joined(name)
            await self._end(name, partial(self._replicas.restart, name), second)
            await self._stack.wait_ready(name)
            await self._both_joined(name)
            await self._end(name, partial(self._replicas.end, second), None, second)

    async def _both_joined(self, name: str) -> None:
        async def joined() -> bool:
            return set((await self._members(name)).values()) <= {2}

        await eventually(joined, within=60, pause=0.3)

    async def _members(self, name: str) -> dict[str, int]:
        service, role = name.split("-")
        wanted = groups.of_service(service) if role == "worker" else []
        return await groups.members(self._stack.env["KAFKA_BOOTSTRAP_SERVERS"], wanted)

    async def _end(
        self,
        name: str,
        end: Callable[[], Awaitable[float]],
        stays: Replica | None,
        goes: Replica | None = None,
    ) -> None:
        """`stays`, `goes`: None is the stack's own."""
        answered = None
        own = int(self._stack.state.processes[name].url.rpartition(":")[2])
        if name in slow_request.PATHS:
            port = goes.port if goes else own
            async with slow_request.half_sent(port, slow_request.PATHS[name]) as finish:
                ending = asyncio.ensure_future(end())
                await asyncio.sleep(_UNDER_WAY_SECONDS)
                answered = await finish()
            seconds = await ending
        else:
            seconds = await end()
        left = tuple(group for group, count in (await self._members(name)).items() if count > 1)
        again = 0
        if name.endswith("-worker"):
            await asyncio.sleep(2)  # the other one has taken over and got what was not committed
            port = stays.port if stays else own
            again = await groups.duplicates(f"http://127.0.0.1:{port}/metrics")
        self.ends.append(End(name, round(seconds, 1), left, answered, again))
        print(self.ends[-1], flush=True)


async def roll(plan: Plan, directory: Path, processes: tuple[str, ...] = SERVICES) -> Rolled:
    """Run it all in `directory`, where a stack's files stay."""
    await devstack.stop_stack(directory / "stack")
    shutil.rmtree(directory, ignore_errors=True)
    work, ports = directory / "load", balancer_ports()
    scale.write(work, plan.units)
    more = {"NOTIFICATION_REMINDERS__AT_MOST": "0", **to_balancers(ports)}
    if plan.defect:
        more |= {"PYTHONPATH": str(SEEDED), "SEEDED_DEFECT": plan.defect}
    options = StackOptions(
        directory / "stack", persons_file=work / "persons.csv", service_environment=more
    )
    async with devstack.running(options) as stack, balancing(stack, ports) as balancers:
        replicas = Replicas(stack, stack.env, more)
        replicas.balancers = balancers
        roller = Roller(stack, replicas)
        env = {**stack.env, **balanced(ports)}
        async with outside_of(stack, work, OneRetry, env) as (api, outside):
            assert isinstance(api, OneRetry)

            async def disturb(_: Observer) -> None:
                pages = asyncio.create_task(api.open_pages())
                await roller.restart_all(processes)
                pages.cancel()

            await under_load(plan, work, api, outside, disturb)
            verdict = await when_quiet(plan, stack.env, api, outside)
        rolled = Rolled(verdict, roller.ends, api.asked, api.failed)
    print(rolled.report(), flush=True)
    return rolled
