"""Histories stay short: a workflow goes on in a new run, and no action or hint is lost."""

import asyncio
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from integration.workflow.programme import PILOTS, Handle, Programme
from support.eventually import eventually

TEMPORAL = Path(sys.executable).parent / "temporal"


@pytest.fixture
async def impatient_temporal() -> AsyncIterator[str]:
    """A Temporal server that suggests a new run after 40 history events."""
    suggest = "limit.historyCount.suggestContinueAsNew=40"
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL),
        dev_server_extra_args=["--dynamic-config-value", suggest],
    ) as environment:
        yield environment.client.service_client.config.target_host


async def _completed(handle: Handle) -> bool:
    return (await handle.describe()).status == WorkflowExecutionStatus.COMPLETED


async def test_actions_and_hints_survive_new_runs(
    programme: Programme, impatient_temporal: str
) -> None:
    busy = programme.another(address=impatient_temporal)
    async with busy.worker():
        await busy.act("start_pilot")
        runs = {handle.id: (await handle.describe()).run_id for handle in await busy.handles(0)}
        for _ in range(5):
            await busy.act("pause", reason="x")
            answers = await asyncio.gather(*(busy.ask("resume", reason="x") for _ in range(3)))
            assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        await busy.go_through(PILOTS)
        gate = (await busy.phase("evaluation"))["gate"]
        assert gate["outcome"] == "pass"
        rollout, pilot = await busy.handles(0)
        # The gate opens when the last unit is through, which is before the wave's workflow ends.
        await eventually(partial(_completed, pilot))
        for handle in (rollout, pilot):
            described = await handle.describe()
            assert described.run_id != runs[handle.id]
            assert described.history_length < 150
    await busy.close()
    assert [command.unit_ids for command in busy.peers.rounds] == [PILOTS, PILOTS]
