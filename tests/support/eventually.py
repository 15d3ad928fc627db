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

    An AssertionError counts as "not yet". Raises AssertionError with the last answer otherwise.
    """
    deadline = monotonic() + within
    while True:
        try:
            answer = await question()
            problem: object = f"the answer was {answer!r}"
            if answer:
                return answer
        except AssertionError as error:
            problem = error
        if monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {problem}")
        await asyncio.sleep(pause)
