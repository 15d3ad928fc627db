"""The whole stack: every process is ready, and one that is killed comes back."""

import httpx
import pytest

from devstack import Stack
from devstack.service_env import PROCESSES


@pytest.mark.parametrize("name", PROCESSES)
async def test_the_process_says_that_it_is_ready(stack: Stack, name: str) -> None:
    await stack.wait_ready(name)
    async with httpx.AsyncClient() as client:
        for path in ("live", "ready"):
            answer = await client.get(f"{stack.state.processes[name].url}/health/{path}")
            assert answer.status_code == 200


async def test_a_killed_worker_comes_back_as_another_process(stack: Stack) -> None:
    before = stack.state.processes["content-worker"].restarts
    pid = stack.kill("content-worker")
    await stack.wait_ready("content-worker", 120)
    status = stack.state.processes["content-worker"]
    assert status.pid != pid
    assert status.restarts == before + 1


async def test_a_stopped_process_stays_stopped_until_it_is_started(stack: Stack) -> None:
    await stack.stop("content-worker")
    assert "content-worker" not in stack.processes
    await stack.start("content-worker", 120)
    assert "content-worker" in stack.processes
