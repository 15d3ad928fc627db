"""A blocked event loop shows, and is forgotten after a while."""

import asyncio
import time

import pytest

from servicekit import loop_lag
from servicekit.metrics import LOOP_LAG


async def test_what_blocks_the_loop_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_lag, "_STEP_SECONDS", 0.01)
    watching = asyncio.create_task(loop_lag.watch())
    await asyncio.sleep(0.05)
    time.sleep(0.3)  # noqa: ASYNC251 - this is what the test is about
    await asyncio.sleep(0.05)
    assert LOOP_LAG._value.get() > 0.25
    await asyncio.sleep(1.5)
    assert LOOP_LAG._value.get() < 0.25
    watching.cancel()
