"""G39: each fault raises its alert within three minutes and no other, and a quiet time raises none.

Real Prometheus with the real rules. Part of `make chaos ARGS=--alerts` only: it takes two hours.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest

import devstack
from chaos.faults import FAULTS, Fault
from chaos.trickle import Trickle
from demo import ledger, scale
from demo.api import Api
from demo.story import FIRST
from devstack import Stack, StackOptions
from e2e.pilot import Administrator
from support.eventually import eventually
from support.prometheus import Prometheus, scraping

QUIET_SECONDS = 1_800
RAISED_SECONDS = 180
RESOLVED_SECONDS = 300
_LOOK_SECONDS = 5

pytestmark = [pytest.mark.alerts, pytest.mark.timeout(3_600)]
Running = tuple[Stack, Prometheus]


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A stack under a steady load, and a Prometheus that scrapes it."""
    work: Path = tmp_path_factory.mktemp("alerts")
    scale.write(work, 8)
    options = StackOptions(work / "stack", persons_file=work / "persons.csv")
    async with devstack.running(options) as stack, scraping(stack, work / "prometheus") as seen:
        api = Api(stack.env, ledger.Ledger(work / "ledger.jsonl"))
        await api.sign_in([FIRST])
        units = (work / "units.csv").read_text(encoding="utf-8")
        Administrator(stack).post("workflow", "/units/import", units)
        stop = asyncio.Event()
        load = asyncio.create_task(Trickle(api, per_second=2).run(stop))
        yield stack, seen
        stop.set()
        await load
        await api.close()


async def test_a_quiet_time_raises_nothing(running: Running) -> None:
    _, seen = running
    end = monotonic() + QUIET_SECONDS
    while monotonic() < end:
        assert await seen.firing() == {}
        await asyncio.sleep(_LOOK_SECONDS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_each_fault_raises_its_alert_and_no_other(running: Running, fault: Fault) -> None:
    stack, seen = running
    assert await seen.firing() == {}
    others: dict[str, object] = {}
    expected = fault.alerts | fault.symptoms

    async def look() -> set[str]:
        firing = await seen.firing()
        others.update({name: of for name, of in firing.items() if name not in expected})
        return set(firing)

    async with fault.applied(stack):
        end = monotonic() + RAISED_SECONDS
        raised: set[str] = set()
        while monotonic() < end:
            raised |= await look()
            await asyncio.sleep(_LOOK_SECONDS)
        assert raised >= fault.alerts, f"not within {RAISED_SECONDS} s"

    async def none_fires() -> bool:
        return not await look()

    await eventually(none_fires, within=RESOLVED_SECONDS, pause=_LOOK_SECONDS)
    assert others == {}
