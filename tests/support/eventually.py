"""Wait for something to become true, with a deadline; the only place where tests sleep."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


async def eventually(
    question: Callable[[], Awaitable[T]], within: float = 15.0, pause: float = 0.05
) -> T:
    """The first true answer to `question`, asked again and again for `within` seconds.

    An assertion that fails counts as "not yet", and so does an answer that cannot be read so far:
    too few or too many rows, a key that is missing. Raises AssertionError with the last of them.
    """
    deadline = monotonic() + within
    while True:
        try:
            answer = await question()
            if answer:
                return answer
            problem: Exception = AssertionError(f"the answer was {answer!r}")
        except (AssertionError, ValueError, LookupError) as error:
            problem = error
        if monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {problem!r}") from problem
        await asyncio.sleep(pause)
