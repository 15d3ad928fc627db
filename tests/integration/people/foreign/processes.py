"""Providers as processes: until they answer, and to their end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from support.eventually import eventually


async def answering(
    issuer: str, process: asyncio.subprocess.Process, log: Path, within: float
) -> None:
    """Wait for the metadata. Raises AssertionError, or RuntimeError with the log if it ended."""
    async with httpx.AsyncClient(timeout=10) as client:

        async def answers() -> bool:
            if process.returncode is not None:
                raise RuntimeError(log.read_text(encoding="utf-8"))  # noqa: ASYNC240
            try:
                url = f"{issuer}/.well-known/openid-configuration"
                return (await client.get(url)).is_success
            except httpx.TransportError as error:
                raise AssertionError(error) from error

        await eventually(answers, within)


@asynccontextmanager
async def ended(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """The process ends with the block."""
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()
            await process.wait()
