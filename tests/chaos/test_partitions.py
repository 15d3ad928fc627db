"""A service whose packets to a server vanish: real networks, cut and healed.

Nothing is lost or done twice; the other services do not notice; each request has an answer.
"""

import asyncio
from time import monotonic

import pytest

from chaos.apart import apart, ports_of
from chaos.network import BOTH, NotAllowed, network
from chaos.one_try import Asked, OneTry
from chaos.run import Plan, RunShown, Scene
from chaos.watching import published

CUTS = (
    ("kafka", BOTH),
    ("kafka", ("in",)),
    ("postgres", BOTH),
    ("postgres", ("out",)),
    ("people-api", BOTH),
)
APART = "content"
ANSWERED_SECONDS = 30
RECOVERED_SECONDS = 60

pytestmark = [pytest.mark.timeout(1_500), pytest.mark.long]


async def test_a_service_that_is_cut_off_loses_nothing(
    seed: int, outage_seconds: float, run_shown: RunShown
) -> None:
    try:
        with network():
            pass
    except NotAllowed as error:
        pytest.skip(f"network namespaces are not possible here: {error}")
    spans, asked = list[tuple[str, float, float]](), list[Asked]()

    async def disturb(scene: Scene) -> None:
        assert isinstance(scene.api, OneTry)
        async with apart(scene.stack, APART) as behind:
            for server, ways in CUTS:
                begun = monotonic()
                scene.moves.note("cut off", service=APART, server=server, ways=" and ".join(ways))
                ports = ports_of(scene.stack, server)
                assert all([await asyncio.to_thread(behind.reaches, port) for port in ports])
                behind.cut(*ports, ways=ways)
                assert not any([await asyncio.to_thread(behind.reaches, port) for port in ports])
                await asyncio.sleep(outage_seconds)
                behind.heal()
                spans.append((server, begun, monotonic()))
                scene.moves.note("heal", service=APART)
                await published(scene.stack, RECOVERED_SECONDS)
        asked.extend(scene.api.asked)

    plan = Plan(seed, 8, [], story=False, trickle_per_second=8, lasts=10 * outage_seconds)
    verdict = await run_shown(plan, disturb, OneTry)
    assert not verdict.wrong, verdict.report()
    for server, cut, healed in spans:
        during = [one for one in asked if cut < one.begun < healed]
        assert len(during) > 10
        failed = [one for one in during if one.failed]
        assert max(one.seconds for one in during) < ANSWERED_SECONDS, during
        assert not failed or server == "postgres", failed  # Short ones are waited out.
        assert {one.code for one in failed} <= {"unavailable"}, failed
        assert all(f" {APART}/" in one.what for one in failed), failed
