"""Processes of a stack that run with further settings for a while."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from devstack import Stack
from devstack.files import read_env, write_env
from devstack.options import Layout

_SEEDED = Path(__file__).parent / "seeded"
_READY_SECONDS = 90


@asynccontextmanager
async def restarted(
    stack: Stack,
    names: Sequence[str],
    more: Mapping[str, str],
    meanwhile: AbstractAsyncContextManager[Any] | None = None,
) -> AsyncIterator[None]:
    """They are started anew, with `more` in their environment, and again without it at the end.

    Each is an interpreter of its own, which reads at its start what is said there. `meanwhile` is
    entered while they are stopped, and left before they are without `more`.
    """
    before = read_env(Layout(stack.directory).settings)
    await _stop(stack, names)
    async with meanwhile or nullcontext():
        await _start(stack, names, {**before, "PYTHONPATH": str(_SEEDED), **more})
        yield
        await _stop(stack, names)
    await _start(stack, names, before)


async def _stop(stack: Stack, names: Sequence[str]) -> None:
    for name in names:
        await stack.stop(name)


async def _start(stack: Stack, names: Sequence[str], settings: Mapping[str, str]) -> None:
    write_env(Layout(stack.directory).settings, settings, "for the length of a fault")
    for name in names:
        await stack.start(name, timeout=_READY_SECONDS)
