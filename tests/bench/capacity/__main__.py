"""`make capacity`: load each kind of work in steps up to its knee; writes docs/capacity.json, and
docs/capacity.md for people."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import devstack
from bench import people_process, report
from bench.capacity.page import page
from bench.capacity.steps import climb
from bench.capacity.works import WORKS
from devstack import Stack, StackError, StackOptions
from support.stack import PREFIX

OUTPUT = Path(__file__).resolve().parents[3] / "docs" / "capacity.json"
_OTHER_SHARES = (0.5, 0.3)
"""Of the knee: where the model is checked, and where the cost is taken from."""


def main() -> int:
    """Measure and write; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make capacity", description=__doc__)
    parser.add_argument(
        "--only", choices=WORKS, action="append", help="the others stay as they are"
    )
    parser.add_argument("--seconds", type=float, default=6, help="of a step (default: 6)")
    parser.add_argument("--output", type=Path, default=OUTPUT, metavar="FILE")
    arguments = parser.parse_args()
    others: dict[str, Any] = {}
    if arguments.only:
        if not arguments.output.exists():
            parser.error(f"{arguments.output} does not exist: measure all kinds first")
        others = json.loads(arguments.output.read_text(encoding="utf-8"))["works"]
    try:
        found = asyncio.run(_measure(arguments.only or list(WORKS), arguments.seconds))
    except (StackError, AssertionError, OSError) as error:
        print(f"capacity: {error}", file=sys.stderr)
        return 1
    found["works"] = others | found["works"]
    arguments.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    arguments.output.with_suffix(".md").write_text(page(found), encoding="utf-8")
    for name, work in found["works"].items():  # The last step is past the knee.
        knee = work["steps"][-2]
        print(f"{name:10} {knee['offered']:7.0f} per second, p99 {knee['p99']:.0f} ms at the knee")
    print(f"written to {arguments.output}")
    return 0


async def _measure(names: list[str], seconds: float) -> dict[str, Any]:
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {text}"[:80], file=sys.stderr, flush=True)

    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    people = directory / "people.csv"
    people_process.write_people(people)
    options = StackOptions(directory=directory, services=False, persons_file=people)
    try:
        say("starting the servers")
        async with devstack.running(options) as stack:
            on = await report.machine(stack.env["POSTGRES_ADMIN_DSN"])
            works = {name: await _work(name, stack, seconds, say) for name in names}
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return {"machine": on, "works": works}


async def _work(name: str, stack: Stack, seconds: float, say: Any) -> dict[str, Any]:
    say(f"{name}: starting its processes")
    async with WORKS[name](stack) as work:
        say(f"{name}: warm-up")
        await work.step(work.first, seconds)
        steps, knee = await climb(work, seconds, say)
        half, third = [
            await work.step(share * knee.offered, 2 * seconds) for share in _OTHER_SHARES
        ]
        return {
            "most_ms": work.most_ms,
            "steps": [asdict(step) for step in steps],
            "half": asdict(half),
            "third": asdict(third),
            "memory": work.memory(),
        }


if __name__ == "__main__":
    sys.exit(main())
