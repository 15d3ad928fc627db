"""Workflow code may change under live rollouts only if every recorded history still replays.

Record more with `RECORD_HISTORIES=tests/contract/histories pytest
tests/integration/workflow/test_main_path.py`; never delete one that was recorded from a release.
"""

from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from support.replay import replayer
from workflow_service.domain.journey.turn import WaveSnapshot
from workflow_service.temporal.activity_stubs import WaveInput
from workflow_service.temporal.wave import WaveWorkflow

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def load(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(file.stem, file.read_text())


def test_there_are_histories_of_both_workflows() -> None:
    names = {file.stem for file in HISTORIES}
    assert {"main-rollout", "main-wave-0", "paused-rollout", "paused-wave-0"} <= names


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_replays(file: Path) -> None:
    await replayer().replay_workflow(load(file))


@workflow.defn(name="wave", sandboxed=False)
class HastyWave(WaveWorkflow):
    """A planted fault: asks others before it records the moves."""

    @workflow.run
    async def run(self, wave: WaveInput) -> None:
        snapshot: WaveSnapshot = await self._read(wave)
        await self._ask(snapshot)
        await self._sleep(snapshot, wave.sweep_seconds, answered=True)


async def test_a_change_of_order_is_seen() -> None:
    (file,) = (file for file in HISTORIES if file.stem == "main-wave-0")
    with pytest.raises(NondeterminismError):
        await replayer(wave=HastyWave).replay_workflow(load(file))
