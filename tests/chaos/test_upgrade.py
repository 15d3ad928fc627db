"""G36: from the release before to this one and back, under load, and nobody notices.

Migrations run while the code before works; then both work side by side, on the new schema.
"""

import shutil
import subprocess

import pytest

import devstack
from chaos import earlier
from chaos.run import Plan
from chaos.upgrading import upgrade

MOST_LOCKED_SECONDS = 0.5

pytestmark = [pytest.mark.timeout(1_800), pytest.mark.long]


async def test_an_upgrade_and_the_way_back_are_invisible(seed, capfd):
    with capfd.disabled():
        seen = await upgrade(
            Plan(seed, 12, [], rounds_open=60), devstack.CHECKOUT / ".stack" / "chaos" / "upgrade"
        )
    assert not seen.failed, seen.report()
    assert seen.waits.longest <= MOST_LOCKED_SECONDS, seen.report()
    assert seen.verdict.attempts["unknown"] == 0
    assert not seen.verdict.wrong, seen.report()


def test_the_release_before_continues_what_this_one_has_begun():
    """Its workflow code replays our histories. That ours replays its own is a contract test."""
    histories = "tests/contract/histories"
    code = earlier.checkout(earlier.reference())
    shutil.copytree(devstack.CHECKOUT / histories, code / histories, dirs_exist_ok=True)
    command = (code / ".venv/bin/python", "-m", "pytest", "tests/contract/test_workflow_replay.py")
    answer = subprocess.run(command, cwd=code, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout[-3_000:]
