"""Memory and processor time of a stack, with what its processes start."""

import asyncio
import subprocess
import sys

import psutil
import pytest

from demo.resources import Resources

CHILD = "data = bytearray(b'x' * 60_000_000); sum(range(10_000_000)); print('!'); input()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


async def test_a_process_counts_with_what_it_has_started() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=pipe, stdout=pipe) as parent:  # noqa: ASYNC220
        assert parent.stdin
        assert parent.stdout
        await asyncio.to_thread(parent.stdout.readline)  # the child has done its work
        resources = Resources(parent.pid)
        measuring = asyncio.create_task(resources.run())
        await asyncio.sleep(0.5)
        measuring.cancel()
        figures = resources.figures()
        parent.stdin.close()
    assert figures["memory_peak_mib"] > 60
    assert figures["cpu_seconds"] > 0.1


async def test_a_stack_below_this_process_counts_once() -> None:
    command = (sys.executable, "-c", CHILD)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # noqa: ASYNC220
        assert child.stdin
        assert child.stdout
        await asyncio.to_thread(child.stdout.readline)
        used = psutil.Process(child.pid).cpu_times().user
        # Earlier tests may have started others.
        every = [psutil.Process(), *psutil.Process().children(recursive=True)]
        once = sum(sum(one.cpu_times()[:4]) for one in every)
        counted = Resources(child.pid).cpu_seconds()
        child.stdin.close()
    assert counted == pytest.approx(once, abs=0.9 * used)
