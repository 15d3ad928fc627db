"""The demo as a stranger runs it: the command, its exit code, and the figures that it leaves."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from devstack import CHECKOUT
from support.stack import unavailable

DEADLINE = 600.0


async def start(out: Path, *arguments: str) -> asyncio.subprocess.Process:
    """The demo with a stack of its own, so that nobody's kept demo is disturbed."""
    own = ("--out", str(out), "--directory", str(out / "stack"))
    command = (sys.executable, "-m", "demo", *own, *arguments)
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=CHECKOUT,
        env={name: value for name, value in os.environ.items() if name != "UM_STACK_DIRECTORY"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=_hear_ctrl_c,
    )


def _hear_ctrl_c() -> None:
    """A parallel test process ignores it, and what it starts would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def left_behind(out: Path) -> list[int]:
    """Processes that belong to the stack of the demo that ran in `out`."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("UM_DEVSTACK_DIRECTORY") == str(out / "stack"):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


@pytest.fixture(scope="module")
async def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One run of the demo with ten units: its result, report, output and exit code."""
    out = tmp_path_factory.mktemp("demo")
    process = await start(out, "--units", "10")
    try:
        output, _ = await asyncio.wait_for(process.communicate(), DEADLINE)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    text = output.decode()
    if not (out / "demo-result.json").exists():
        if "the stack is ready" not in text:
            unavailable(f"the demo's stack did not start: {text[-1500:]}")
        pytest.fail(f"the demo did not finish: {text[-3000:]}")
    result = json.loads((out / "demo-result.json").read_text(encoding="utf-8"))
    page = (out / "demo-report.html").read_text(encoding="utf-8")
    return {"result": result, "page": page, "text": text, "code": process.returncode, "out": out}


@pytest.mark.timeout(700)
async def test_everything_completes_and_nothing_is_lost_or_doubled(
    finished: dict[str, Any],
) -> None:
    result = finished["result"]
    assert finished["code"] == 0, finished["text"][-3000:]
    assert result["units_by_state"] == {"completed": 10}
    assert (result["rollout"]["phase"], result["rollout"]["status"]) == ("after_care", "completed")
    assert (result["lost"], result["duplicates"], result["unexpected"]) == (0, 0, 0)
    assert all(check["asked"] > 0 for check in result["checks"])


async def test_the_gate_was_inconclusive_and_a_person_decided_with_a_reason(
    finished: dict[str, Any],
) -> None:
    gate = finished["result"]["gate"]
    assert gate["evaluated"] == "inconclusive"
    assert [c["code"] for c in gate["criteria"] if c["hidden"] and not c["dry_run"]] == [
        "participation"
    ]
    assert gate["override"]["reason"] in finished["page"]
    outcomes = [entry["outcome"] for entry in finished["result"]["gate_history"]]
    assert outcomes == ["inconclusive", "inconclusive", "pass"]


async def test_what_must_not_work_did_not(finished: dict[str, Any]) -> None:
    codes = [refusal["code"] for refusal in finished["result"]["refusals"]]
    assert codes == [
        *("not-decided", "prerequisites-missing"),
        *("gate-inconclusive", "extension-changes-nothing"),
        *("stale-version", "four-eyes", "prerequisites-missing"),
    ]


async def test_other_systems_got_every_external_event(finished: dict[str, Any]) -> None:
    result = finished["result"]
    external = sum(t["events"] for t in result["events_by_topic"] if t["external"])
    assert result["subscriber"]["received"] == external > 0
    assert result["subscriber"]["invalid"] == 0
    assert result["webhooks"]["verified"] == external
    assert result["webhooks"]["refused"] == 0


async def test_the_disturbances_are_on_the_timeline(finished: dict[str, Any]) -> None:
    line = finished["result"]["timeline"]
    kinds = {mark["kind"] for mark in line["marks"]}
    assert {"killed", "manager", "gate", "override", "decision"} <= kinds
    assert sum(bool(unit["pauses"]) for unit in line["units"]) == 1
    assert all(len(unit["after_care_on"]) == 2 for unit in line["units"])


async def test_the_portal_is_named_before_the_story_so_that_it_can_be_followed(
    finished: dict[str, Any],
) -> None:
    assert "The portal: http" in finished["text"].partition("== 1 Import")[0]


async def test_output_fits_a_terminal_and_no_process_is_left(finished: dict[str, Any]) -> None:
    story = finished["text"].partition("== 1 Import")[2].partition("\nreport ")[0]
    assert max(map(len, story.splitlines())) <= 80
    assert left_behind(finished["out"]) == []


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("finished")
async def test_ctrl_c_leaves_no_process_behind(tmp_path: Path) -> None:
    process = await start(tmp_path)
    assert process.stdout is not None
    async with asyncio.timeout(200):
        while b"== 2 Pilot" not in await process.stdout.readline():
            assert process.returncode is None
    process.send_signal(signal.SIGINT)
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 130
    assert "nothing is left running" in output.decode()
    assert left_behind(tmp_path) == []
