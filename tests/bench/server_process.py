"""Server processes that the bench starts, drives and ends."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from support.eventually import eventually


@dataclass(frozen=True)
class Server:
    """A server process under load."""

    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Processor time used so far; unlike a rate it hardly depends on who else is busy."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def process(
    log: Path, port: int, *arguments: str, env: Mapping[str, str]
) -> AsyncIterator[Server]:
    """A Python process that answers /health/live on its port, ended with the block."""
    path = ":".join(entry for entry in sys.path if entry)
    with log.open("wb") as output:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *arguments),
            env={**os.environ, "PYTHONPATH": path, **env},
            stdout=output,
            stderr=output,
        )

    async def alive() -> bool:
        if running.returncode is not None:
            raise RuntimeError(f"{arguments[0]} ended with {running.returncode}, see {log}")
        try:
            async with httpx.AsyncClient() as client:
                url = f"http://127.0.0.1:{port}/health/live"
                return (await client.get(url)).is_success
        except httpx.HTTPError:
            return False

    try:
        await eventually(alive, within=60)
        yield Server(port, psutil.Process(running.pid))
    finally:
        if running.returncode is None:
            running.terminate()
        try:
            await asyncio.wait_for(running.wait(), 15)
        except TimeoutError:
            running.kill()
            await running.wait()
