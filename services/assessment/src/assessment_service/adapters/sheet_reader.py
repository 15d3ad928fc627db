"""Opens many sheets at once. A sheet costs 50 us, so all processors help if there are many.

The helpers are forked from the process that has the private key, and end with it.
"""

import asyncio
import multiprocessing
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

from assessment_service.application.ports import SealedSheet
from servicekit.short_lived import end_with

T = TypeVar("T")
Work = Callable[[Sequence[SealedSheet]], Sequence[tuple[UUID, T]]]
_work: Work[Any]  # of a helper; inherited, so that the key is never sent


async def read_in_helpers(
    work: Work[T], batches: AsyncIterator[Sequence[SealedSheet]]
) -> AsyncIterator[Sequence[tuple[UUID, T]]]:
    """What `work` makes of each batch. Raises what it raises."""
    if not (first := await anext(batches, None)):
        return
    helpers = os.cpu_count() or 1
    loop, under_way = asyncio.get_running_loop(), deque[asyncio.Future[Any]]()
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(helpers, context, _begin, (work, os.getpid())) as pool:
        under_way.append(loop.run_in_executor(pool, _of_helper, first))
        async for batch in batches:
            under_way.append(loop.run_in_executor(pool, _of_helper, batch))
            if len(under_way) > 2 * helpers:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()


def _begin(work: Work[Any], parent: int) -> None:
    global _work
    end_with(parent)
    _work = work


def _of_helper(batch: Sequence[SealedSheet]) -> Sequence[tuple[UUID, Any]]:
    return _work(batch)
