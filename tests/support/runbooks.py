"""Runbooks as programs: their code blocks, what may be in them, and how a document is run."""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devstack import CHECKOUT, Stack
from devstack.processes import kill_group

FOLDER = CHECKOUT / "docs" / "runbooks"
RUN = "sh"
DRILLED = "sh drill"  # what it says is done by `make drill`
READ_ONLY = (DRILLED, "sh compose", "sh kubernetes")  # the latter need Docker, or a cluster
DEADLINE = 600  # seconds for a document


@dataclass(frozen=True)
class Block:
    """A code block: its document, the number of its first line, its kind, its text."""

    path: Path
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.path.relative_to(CHECKOUT)}:{self.line}"


def blocks(path: Path) -> list[Block]:
    """The document's code blocks. Raises ValueError for one that does not end."""
    found: list[Block] = []
    lines: list[str] = []
    opened, indent = None, 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r"( *)```(.*)$", line)
        if fence and opened is None:
            opened, indent, lines = (number + 1, fence[2].strip()), len(fence[1]), []
        elif fence and opened is not None:
            found.append(Block(path, *opened, "\n".join(lines) + "\n"))
            opened = None
        elif opened is not None:
            lines.append(line[indent:] if not line[:indent].strip() else line)
    if opened is not None:
        raise ValueError(f"{path}:{opened[0]}: the block does not end")
    return found


def faults(path: Path) -> Iterator[str]:
    """What is wrong with the document's blocks, each with its place."""
    for block in blocks(path):
        if block.kind not in (RUN, *READ_ONLY):
            kinds = ", ".join(f"'{kind}'" for kind in (RUN, *READ_ONLY))
            yield f"{block.place}: '{block.kind}' is no kind of block; there are {kinds}"
            continue
        checked = subprocess.run(
            ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
        )
        if checked.returncode != 0:
            yield f"{block.place}: {checked.stderr.strip()}"


def program(*documents: Path) -> str:
    """The blocks that are run, in order, as one program that says where it is, and since when."""
    return "".join(
        f'echo "--- {block.place} ($SECONDS s)" >&2\n{block.text}'
        for path in documents
        for block in blocks(path)
        if block.kind == RUN
    )


async def run(stack: Stack, *names: str, **given: str) -> str:
    """Do what the documents say, in one shell, on the stack; `given` are variables of the shell.

    What they start in the background ends with them. Prints and returns what was printed. Raises
    AssertionError if a command fails.
    """
    documents = [FOLDER / f"{name}.md" for name in ("README", *names)]
    environment = {
        **{key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ},
        "UM_STACK_DIRECTORY": str(stack.directory),
        **given,
    }
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", program(*documents)),
        cwd=CHECKOUT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), DEADLINE)
    finally:
        kill_group(process.pid)
    print(said.decode())
    assert process.returncode == 0, f"{names} ended with {process.returncode}"
    return said.decode()
