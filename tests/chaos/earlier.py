"""The release before this checkout, with an environment of its own: code, libraries and stack.

It is what UPGRADE_FROM names, else the newest tag `v*` before this commit. As long as there is no
release it is the main line as it was before migrations were last added.
"""

import asyncio
import json
import os
import subprocess
import tarfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import devstack
from devstack import CHECKOUT, Stack

_MIGRATIONS = ("services/*/migrations/versions", "shared/servicekit/src/servicekit/sql")
_LAUNCH = """
import asyncio, json, sys, devstack
from pathlib import Path
directory, persons, more = json.loads(sys.argv[1])
asyncio.run(devstack.launch(devstack.StackOptions(
    directory=Path(directory), persons_file=Path(persons), service_environment=more)))
"""


def reference() -> str:
    """The commit of the release before. Raises CalledProcessError in a clone without history."""
    named = os.environ.get("UPGRADE_FROM") or _git(
        "describe", "--tags", "--abbrev=0", "--match=v*", "HEAD^", check=False
    )
    if not named:
        added = ("log", "-1", "--first-parent", "-m", "--diff-filter=A", "--format=%H")
        named = _git(*added, "--", *_MIGRATIONS) + "^1"
    return _git("rev-parse", f"{named}^{{commit}}")


def checkout(commit: str) -> Path:
    """The files of a commit and its environment, made once. Needs what `make setup` needs."""
    folder = CHECKOUT / ".stack" / "earlier" / commit
    if not folder.exists():
        archive = subprocess.run(
            ("git", "archive", commit), cwd=CHECKOUT, check=True, capture_output=True
        )
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
            files.extractall(folder, filter="data")
    subprocess.run(("make", "environment"), cwd=folder, check=True, capture_output=True)
    return folder


@asynccontextmanager
async def running(
    code: Path, directory: Path, persons: Path, more: Mapping[str, str]
) -> AsyncIterator[Stack]:
    """A stack of that code. `more`: added to each service's environment."""
    given = json.dumps([str(directory), str(persons), more])
    launch = await asyncio.create_subprocess_exec(
        *(code / ".venv/bin/python", "-c", _LAUNCH, given),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await launch.communicate()
        assert launch.returncode == 0, said.decode()
        yield devstack.attach(directory)
    finally:
        await devstack.stop_stack(directory)


def _git(*arguments: str, check: bool = True) -> str:
    answer = subprocess.run(
        ("git", *arguments), cwd=CHECKOUT, check=check, capture_output=True, text=True
    )
    return answer.stdout.strip()
