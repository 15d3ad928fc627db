"""G13: a service's clock is an hour wrong, then jumps back; nothing that others see depends on it.

Real processes under libfaketime, of Debian's package: their timers run as they should.
"""

import asyncio

import pytest

from chaos.one_try import OneTry
from chaos.restarted import restarted
from chaos.run import Plan, RunShown, Scene
from devstack import StackError
from devstack.debian_package import unpacked
from support.stack import unavailable

pytestmark = [pytest.mark.timeout(1_500), pytest.mark.long]
BEHIND_THE_API = ("workflow-temporal", "workflow-worker", "content-worker", "notification-worker")
API = "content-api"


def faketime(offset: str) -> dict[str, str]:
    """The environment of a process whose time of day is wrong by that, such as `+1h`."""
    try:
        (library,) = unpacked("libfaketime").rglob("libfaketime.so.1")
    except StackError as error:
        unavailable(str(error))
        raise
    return {"LD_PRELOAD": str(library), "FAKETIME": offset, "DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.parametrize("offset", ["+1h", "-1h"])
async def test_a_wrong_clock_changes_nothing(offset: str, seed: int, run_shown: RunShown) -> None:
    """A whole introduction, by a workflow worker, relays and consumers with the wrong time."""
    wrong = faketime(offset)

    async def disturb(scene: Scene) -> None:
        async with restarted(scene.stack, BEHIND_THE_API, wrong):
            scene.moves.note("wrong clock", offset=offset, processes=", ".join(BEHIND_THE_API))
            await asyncio.sleep(40)
            scene.moves.note("right clock")

    verdict = await run_shown(Plan(seed, 12, [], rounds_open=30, quiesce=90), disturb)
    assert not verdict.wrong, verdict.report()


@pytest.mark.parametrize(("offset", "statuses"), [("+1h", {401}), ("-1h", {401})])
async def test_an_api_with_a_wrong_clock_refuses_tokens_and_no_more(
    offset: str, statuses: set[int], seed: int, run_shown: RunShown
) -> None:
    """By its clock they have expired, or begin to be valid later (RFC 7519, section 4.1)."""
    wrong, seen = faketime(offset), set[int]()

    async def disturb(scene: Scene) -> None:
        assert isinstance(scene.api, OneTry)
        async with restarted(scene.stack, [API], wrong):
            begun = len(scene.api.asked)
            await asyncio.sleep(10)
            asked = scene.api.asked[begun:]
            seen.update(one.status for one in asked if " content/" in one.what)
            assert not [one for one in asked if one.failed]
        await asyncio.sleep(5)

    plan = Plan(seed, 8, [], story=False, trickle_per_second=8)
    verdict = await run_shown(plan, disturb, OneTry)
    assert not verdict.wrong, verdict.report()
    assert seen == statuses
