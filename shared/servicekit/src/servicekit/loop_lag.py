"""Whether the event loop keeps time: whatever blocks it, every request and event waits for."""

import asyncio
from collections import deque

from servicekit.metrics import LOOP_LAG

_STEP_SECONDS = 0.5
_KEPT = 60  # So two scrapes fifteen seconds apart both see a delay.


async def watch() -> None:
    """Measure how late timers are, until cancelled."""
    loop = asyncio.get_running_loop()
    late = deque([0.0], maxlen=_KEPT)
    while True:
        due = loop.time() + _STEP_SECONDS
        await asyncio.sleep(_STEP_SECONDS)
        late.append(max(0.0, loop.time() - due))
        LOOP_LAG.set(max(late))
