"""An operator's commands, as the runbooks give them, with the settings of a stack's services."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence

_COMMAND_SECONDS = 300


async def run_command(command: Sequence[str], settings: Mapping[str, str] | None = None) -> str:
    """Run `python -m <command>`; returns its last line.

    Raises AssertionError with what the command said if it fails.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command),
        env={**os.environ, **(settings or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(_COMMAND_SECONDS):
        said, _ = await process.communicate()
    lines = said.decode().splitlines()
    assert process.returncode == 0, f"{command} ended with {process.returncode}: {lines[-5:]}"
    return lines[-1] if lines else ""
