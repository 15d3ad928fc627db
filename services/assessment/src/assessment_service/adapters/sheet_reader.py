"""Opens many sheets at once. A sheet costs 50 us, so all processors help if there are many.

The helpers are forked from the process that has the private key, and end with it.
"""

import asyncio
import multiprocessing
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from uuid import UUID

from assessment_service.application.sealing_ports import SealedSheet
from servicekit.short_lived import end_with

Sent = Sequence[tuple[bytes, bytes, bytes]]
"""Sealed sheets with the bytes of their round ids: what is sent to a helper must be small."""
Work = Callable[[Sent], list[bytes]]
_work: Work  # of a helper; inherited, so that the key is never sent


async def read_in_helpers(
    work: Work, batches: AsyncIterator[Sequence[SealedSheet]]
) -> AsyncIterator[tuple[UUID, bytes]]:
    """Each sheet's round, and what `work` makes of the sheet. Raises what it raises."""
    if not (first := await anext(batches, None)):
        return
    helpers = os.cpu_count() or 1
    loop = asyncio.get_running_loop()
    under_way: deque[tuple[list[UUID], asyncio.Future[list[bytes]]]] = deque()
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(helpers, context, _begin, (work, os.getpid())) as pool:

        def send(batch: Sequence[SealedSheet]) -> None:
            sent = [(round_id.bytes, key, sealed) for round_id, key, sealed in batch]
            made = loop.run_in_executor(pool, _of_helper, sent)
            under_way.append(([one[0] for one in batch], made))

        send(first)
        async for batch in batches:
            send(batch)
            if len(under_way) > 2 * helpers:
                round_ids, made = under_way.popleft()
                for found in zip(round_ids, await made, strict=True):
                    yield found
        for round_ids, made in under_way:
            for found in zip(round_ids, await made, strict=True):
                yield found


def _begin(work: Work, parent: int) -> None:
    global _work
    end_with(parent)
    _work = work


def _of_helper(batch: Sent) -> list[bytes]:
    return _work(batch)
