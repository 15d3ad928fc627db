"""One run: a stack of its own, a load from outside, faults, quiet, the final read."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import devstack
from chaos import lost_kafka
from chaos.comparisons import differences, sent_again
from chaos.final_read import SERVICES, read
from chaos.kills import Kill, Killer, Spared
from chaos.run_ledger import Moves
from chaos.trickle import Trickle
from demo import ledger, scale, systems, template
from demo.api import Api
from demo.evidence import read_lines
from demo.observer import WATCHER, Observer
from demo.organisation import read_persons, read_units
from demo.people import People
from demo.progress import progress
from demo.story import FIRST, SECOND, Course, Story
from demo.systems import Systems
from devstack import Stack, StackOptions
from support.checker import Difference
from support.eventually import eventually

SEEDED = Path(__file__).parent / "seeded"
_STORY_SECONDS = 900.0


@dataclass(frozen=True)
class Plan:
    """What one run does: who is killed, in rounds of once each; times in seconds.

    `rounds_open`: how long people can answer; `longest_pause`: between two kills; `quiesce`: how
    long all may take to become quiet; `lasts`: how long servers are away. `lose_kafka`: after the
    kills, all of Kafka is deleted, and what the runbooks say is done; `replayed`: the services that
    publish their events again.
    """

    seed: int
    units: int
    kills: Sequence[Sequence[str]]
    story: bool = True
    defect: str = ""
    rounds_open: int = 20
    trickle_per_second: float = 4.0
    longest_pause: float = 3.5
    quiesce: float = 60.0
    lasts: float = 0.0
    lose_kafka: bool = False
    replayed: Sequence[str] = SERVICES


@dataclass(frozen=True)
class Verdict:
    """What was seen at the end."""

    plan: Plan
    differences: dict[str, Difference]
    again: dict[str, int]
    kills: Sequence[Kill]
    attempts: dict[str, int]
    quiet_after: float

    @property
    def wrong(self) -> dict[str, Difference]:
        return {name: d for name, d in self.differences.items() if not d.clean}

    def report(self) -> str:
        """For people; at most 80 columns."""
        plan = self.plan
        lines = [f"seed {plan.seed}, {plan.units} units, attempts: {self.attempts}"]
        lines += [
            f"  kill -9 {k.process:<22} at {k.at:6.1f} s, ready again after {k.recovery:5.1f} s"
            for k in self.kills
        ]
        lines += [
            f"quiet {self.quiet_after:.1f} s after the load; sent again: {self.again}",
            f"{'comparison':<40} asked  lost   twice  from nowhere",
        ]
        lines += [
            f"  {name:<38} {d.expected:<6} {len(d.lost):<6} {len(d.duplicated):<6} "
            f"{len(d.unexpected)}"
            for name, d in self.differences.items()
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Scene:
    """What a disturbance can reach while the load runs."""

    plan: Plan
    stack: Stack
    api: Api
    observer: Observer
    moves: Moves
    killer: Killer


Disturb = Callable[[Scene], Awaitable[None]]
RunShown = Callable[..., Awaitable[Verdict]]
"""`run` in the test's own folder, with its moves."""
MakeApi = Callable[[Mapping[str, str], ledger.Ledger], Api]


async def kill(scene: Scene) -> None:
    """What a plan says of kills, and of Kafka's loss."""
    plan, observer = scene.plan, scene.observer
    for processes in plan.kills:
        await scene.killer.each_once(processes)
    if plan.lose_kafka:
        if plan.story:
            await half_way(observer)
        await lost_kafka.lose(scene.stack, scene.killer, plan.replayed)


async def run(
    plan: Plan,
    directory: Path,
    moves: Moves,
    disturb: Disturb = kill,
    make_api: MakeApi = Api,
    prepare: Callable[[Stack], Awaitable[None]] | None = None,
) -> Verdict:
    """Run it all; the stack is gone afterwards, its files stay in `directory` when it was red.

    `prepare`: called once the stack runs, before the load.
    """
    await devstack.stop_stack(directory / "stack")
    shutil.rmtree(directory, ignore_errors=True)
    work = directory / "load"
    scale.write(work, plan.units)
    options = StackOptions(
        directory=directory / "stack",
        persons_file=work / "persons.csv",
        service_environment=environment(plan),
    )
    async with devstack.running(options) as stack:
        if prepare:
            await prepare(stack)
        async with outside_of(stack, work, make_api) as (api, outside):
            api.deadline += plan.lasts
            killer = Killer(stack, moves, plan.longest_pause)

            async def disturbed(observer: Observer) -> None:
                await disturb(Scene(plan, stack, api, observer, moves, killer))

            await under_load(plan, work, api, outside, disturbed)
            verdict = await when_quiet(plan, stack.env, api, outside, killer.kills)
    print(verdict.report(), flush=True)
    _write(verdict, directory)
    return verdict


def environment(plan: Plan) -> dict[str, str]:
    """What each process of a service gets besides its settings."""
    # What is published and stored says nothing of reminders: nothing could be compared.
    defect = {"PYTHONPATH": str(SEEDED), "SEEDED_DEFECT": plan.defect} if plan.defect else {}
    return {"NOTIFICATION_REMINDERS__AT_MOST": "0", **defect}


@asynccontextmanager
async def outside_of(
    stack: Stack,
    work: Path,
    make_api: MakeApi = Api,
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[Api, Systems]]:
    """The clients: whoever uses the APIs, and the systems outside. `env`: other addresses."""
    log = ledger.Ledger(work / "ledger.jsonl")
    addresses = env or stack.env
    api = make_api(addresses, log)
    try:
        async with systems.running(addresses, stack.directory, work) as outside:
            yield api, outside
    finally:
        await api.close()
        log.close()


async def under_load(
    plan: Plan,
    work: Path,
    api: Api,
    outside: Systems,
    disturb: Callable[[Observer], Awaitable[None]],
) -> None:
    """The story and the trickle run; the trickle ends when `disturb` does."""
    units, roster = read_units(work / "units.csv"), read_persons(work / "persons.csv")
    rollout_template, patience = template.scaled(units)
    for step in ("baseline", "follow_up"):
        rollout_template["steps"][step]["window"] = f"PT{plan.rounds_open}S"
    people = People(api, roster, plan.seed)
    await api.sign_in([FIRST, SECOND, WATCHER, systems.OWNER])
    await api.sign_in(sorted({f"person:{row.person_id}" for row in roster}))
    stop, trickle = asyncio.Event(), Trickle(api, plan.trickle_per_second)
    with progress() as shown:
        observer = Observer(api, people, shown)
        course = Course(roster=[(datetime.min.replace(tzinfo=UTC), roster)])
        story = Story(
            api,
            observer,
            people,
            shown,
            Spared(work),
            outside,
            units,
            rollout_template,
            patience + plan.lasts,
            course,
        )
        async with asyncio.timeout(_STORY_SECONDS + plan.lasts), asyncio.TaskGroup() as group:
            living = []
            if plan.story:
                living += [group.create_task(people.run()), group.create_task(observer.run())]
                narrative = group.create_task(story.run())
                # There is something to lose, and later units do not belong to the rollout.
                await eventually(lambda: asyncio.sleep(0, observer.rollout_id), within=120)
            else:
                await story.prepare()
            dripping = group.create_task(trickle.run(stop))
            await disturb(observer)
            stop.set()
            if plan.story:
                await narrative
            await dripping
            for task in living:
                task.cancel()


async def half_way(observer: Observer) -> None:
    """Return once the pilot is over, and a unit of the broad introduction has its baseline."""
    await observer.until(
        lambda: any(
            journey["wave"] and observer.reached(unit_id, "modules")
            for unit_id, journey in observer.journeys.items()
        ),
        _STORY_SECONDS,
        "half a rollout",
    )


async def when_quiet(
    plan: Plan,
    env: Mapping[str, str],
    api: Api,
    outside: Systems,
    kills: Sequence[Kill] = (),
) -> Verdict:
    """Read until all is clean, or until the time to become quiet is over."""
    start = monotonic()
    attempts = ledger.read(api.ledger.path)
    while True:
        everything = await read(env, attempts, read_lines(outside.webhooks))
        found = differences(everything)
        if not plan.story:  # The rollout was only created.
            found = {n: d for n, d in found.items() if not n.startswith(("journeys", "rollouts"))}
        if all(d.clean for d in found.values()) or monotonic() - start > plan.quiesce:
            break
        await asyncio.sleep(2)
    outcomes = {o: sum(a.outcome == o for a in attempts) for o in ("ok", "refused", "unknown")}
    again, seconds = sent_again(everything), round(monotonic() - start, 1)
    return Verdict(plan, found, again, kills, outcomes, seconds)


def _write(verdict: Verdict, directory: Path) -> None:
    if not verdict.wrong:
        shutil.rmtree(directory / "stack", ignore_errors=True)
    text = json.dumps(asdict(verdict), default=_plain, indent=1)
    (directory / "chaos-result.json").write_text(text + "\n", encoding="utf-8")


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
